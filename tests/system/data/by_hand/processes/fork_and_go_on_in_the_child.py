import os
import sys

ready, done = os.pipe()
if os.fork():
    os.read(ready, 1)
    sys.exit(5)
with open("child.txt", "w") as file:
    file.write("child")
os.write(done, b"x")

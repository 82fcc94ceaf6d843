import os

print("lost in the buffer")
os.execv("/bin/sh", ["sh", "-c", "echo replaced; exit 6"])

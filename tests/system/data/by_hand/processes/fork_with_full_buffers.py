import os

print("before")
file = open("buffered.txt", "w")
file.write("before\n")
child = os.fork()
if child:
    os.waitpid(child, 0)
print("parent" if child else "child")

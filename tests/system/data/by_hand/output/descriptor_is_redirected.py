import os

print("to stdout", flush=True)
os.dup2(os.open("redirected.txt", os.O_WRONLY | os.O_CREAT), 1)
print("to the file")

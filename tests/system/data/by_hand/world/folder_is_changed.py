import atexit
import os

os.mkdir("sub")
os.chdir("sub")
kept = open("kept.txt", "w")
kept.write(__file__[-20:])
atexit.register(lambda: print(sorted(os.listdir("."))))

import os

for descriptor in range(3):
    os.close(descriptor)
kept = open("kept.txt", "w")
kept.write("kept")

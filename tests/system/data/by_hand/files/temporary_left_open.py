import os
import tempfile

file = tempfile.NamedTemporaryFile(dir=".", prefix="file")
folder = tempfile.TemporaryDirectory(dir=".", prefix="folder")
kept = tempfile.NamedTemporaryFile("w", dir=".", prefix="kept", delete=False)
kept.write("kept")
os.link(kept.name, "linked")
os.unlink(kept.name)
print(len(os.listdir(".")))

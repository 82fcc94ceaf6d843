import mmap

with open("mapped", "wb") as file:
    file.write(b"\0" * 4096)
file = open("mapped", "r+b")
memory = mmap.mmap(file.fileno(), 4096)
memory[:5] = b"bytes"

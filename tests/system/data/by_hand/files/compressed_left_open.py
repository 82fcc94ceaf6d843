import bz2
import gzip
import lzma

packed = [
    gzip.GzipFile("a.gz", "wb", mtime=0),
    bz2.open("a.bz2", "wt"),
    lzma.open("a.xz", "wb"),
]
packed[0].write(b"x" * 5000)
packed[1].write("y" * 5000)
packed[2].write(b"z" * 5000)

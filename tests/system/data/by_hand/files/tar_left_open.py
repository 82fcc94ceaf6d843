import io
import tarfile

archive = tarfile.open("archive.tar", "w")
archive.addfile(tarfile.TarInfo("empty.txt"), io.BytesIO())

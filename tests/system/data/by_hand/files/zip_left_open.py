import zipfile

archive = zipfile.ZipFile("archive.zip", "w")
archive.writestr(zipfile.ZipInfo("one.txt"), "one")

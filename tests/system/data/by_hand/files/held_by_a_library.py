import kept

kept.registry["log"] = open("log.txt", "w")
print("in the log", file=kept.registry["log"])
kept.registry["archive"] = kept.Archive("archive.txt")
kept.registry["pages"] = kept.pages("pages.txt")
next(kept.registry["pages"])

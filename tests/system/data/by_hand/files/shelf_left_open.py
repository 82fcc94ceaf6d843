import dbm.dumb
import shelve

shelf = shelve.Shelf(dbm.dumb.open("shelf", "n"), writeback=True)
shelf["epochs"] = [1, 2]
shelf["epochs"].append(3)

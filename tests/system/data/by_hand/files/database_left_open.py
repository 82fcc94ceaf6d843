import sqlite3

database = sqlite3.connect("kept.db")
database.execute("CREATE TABLE kept (x)")
database.execute("INSERT INTO kept VALUES (1)")
database.commit()
database.execute("INSERT INTO kept VALUES (2)")
[(rows,)] = sqlite3.connect("kept.db").execute("SELECT count(*) FROM kept")
print(rows)

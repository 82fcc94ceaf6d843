mine = "sqlite3"

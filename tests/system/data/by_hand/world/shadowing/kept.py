mine = "kept"

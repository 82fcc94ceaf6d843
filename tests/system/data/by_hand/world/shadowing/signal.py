mine = "signal"

import csv

rows = csv.writer(open("rows.csv", "w", newline=""))
rows.writerows([[1, "a"], [2, "b"]])

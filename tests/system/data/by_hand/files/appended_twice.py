for line in ("one", "two"):
    file = open("lines.txt", "a")
    file.write(f"{line}\n")

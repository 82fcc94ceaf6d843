class Writer:
    def __init__(self):
        self.file = open("cycle.bin", "wb")
        self.me = self
        self.file.write(b"\0\1\2")


Writer()
writer = Writer
writer().file.write(b"again")

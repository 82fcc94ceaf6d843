import sys


class Tee:
    def __init__(self, stream):
        self.write = stream.write


sys.stdout = Tee(sys.stdout)
print("shown")

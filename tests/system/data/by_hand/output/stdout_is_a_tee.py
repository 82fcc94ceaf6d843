import sys


class Tee:
    def __init__(self, name, stream):
        self.file, self.stream = open(name, "w"), stream

    def write(self, text):
        self.file.write(text)
        self.stream.write(text)

    def flush(self):
        self.stream.flush()


sys.stdout, sys.stderr = Tee("out.log", sys.stdout), Tee("err.log", sys.stderr)
print("on both")
raise ValueError("here, too")

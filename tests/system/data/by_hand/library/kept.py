"""A library that is imported before trials start, and that keeps what a trial gives it."""

registry = {}


class Archive:
    def __init__(self, name):
        self.file = open(name, "w")
        self.file.write("begun\n")

    def __del__(self):
        self.file.write("complete\n")
        self.file.close()


def pages(name):
    with open(name, "w") as file:
        try:
            yield file.write("page\n")
        finally:
            file.write("end\n")

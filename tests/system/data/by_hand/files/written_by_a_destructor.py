class Model:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        with open(f"{self.name}.txt", "w") as file:
            file.write(self.name)
        print("saved", self.name)


first, _private = Model("first"), Model("private")
cycle = Model("cycle")
cycle.cycle = cycle

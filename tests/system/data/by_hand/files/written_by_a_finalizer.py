import weakref


class Model: ...


def save(name):
    with open(name, "w") as file:
        file.write(name)


model = Model()
weakref.finalize(model, save, "finalized")
gone = weakref.ref(model, lambda _: print("gone"))

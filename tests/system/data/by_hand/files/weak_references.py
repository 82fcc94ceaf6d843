import weakref


class Node:
    def __init__(self, name):
        self.name = name


nodes = weakref.WeakValueDictionary()
first = nodes["first"] = Node("first")
gone = weakref.ref(first, lambda _: print("first is gone", flush=True))
file = open("nodes.txt", "w")
weakref.finalize(first, file.write, "finalized\n")

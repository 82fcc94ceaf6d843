import sys


def hook(*_):
    raise TypeError("broken hook")


sys.excepthook = hook
raise ValueError("original")

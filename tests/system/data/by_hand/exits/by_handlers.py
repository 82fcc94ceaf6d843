import atexit
import sys


def fail():
    raise ValueError("in a handler")


def leave():
    sys.exit(9)


def register_more():
    atexit.register(print, "registered late")


for handler in (lambda: print("first, so last"), fail, leave, register_more):
    atexit.register(handler)
atexit.unregister(register_more)
atexit.register(print, "last, so first")

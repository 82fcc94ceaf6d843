import sys

sys.unraisablehook = lambda event: print("unraisable", event.exc_value, event.err_msg)


class Broken:
    def __del__(self):
        raise ValueError("hooked")


kept = Broken()

import warnings

warnings.warn("careful")


class Broken:
    def __del__(self):
        raise ValueError("in a destructor")


kept = Broken()
Broken()

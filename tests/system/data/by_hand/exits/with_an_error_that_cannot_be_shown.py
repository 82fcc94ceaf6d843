class Odd(Exception):
    def __str__(self):
        raise TypeError("not even this")


raise Odd

class Odd(Exception):
    def __str__(self):
        return "line one\nline two"


try:
    {}["missing"]
except KeyError as error:
    raise Odd from error

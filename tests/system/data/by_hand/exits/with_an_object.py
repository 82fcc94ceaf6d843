class Code:
    def __str__(self):
        return "text of an object"


raise SystemExit(Code())

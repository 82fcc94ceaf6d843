with open("beside.py", "w") as file:
    file.write(
        "import sys\n\nname = __name__\nprint('imported', sys.modules['__main__'].__name__)\n"
    )

import beside

print(beside.name, beside.__file__)

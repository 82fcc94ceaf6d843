import ast

exec(compile("def f(:\n    pass\n", "made.py", "exec"))

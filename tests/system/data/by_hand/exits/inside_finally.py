import contextlib

with contextlib.ExitStack() as stack:
    stack.callback(print, "callback")
    try:
        raise SystemExit(8)
    finally:
        print("finally")

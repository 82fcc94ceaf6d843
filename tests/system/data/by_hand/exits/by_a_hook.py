import sys


def hook(kind, error, trace):
    print("mine:", kind.__name__, error, trace.tb_frame.f_code.co_name)
    sys.exit(5)


sys.excepthook = hook
raise ValueError("hooked")

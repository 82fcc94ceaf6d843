import os
import sys

codes = []
for exit_ in (lambda: sys.exit(3), lambda: sys.exit("text"), lambda: 1 / 0, lambda: os._exit(4)):
    if not (child := os.fork()):
        exit_()
    codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print(codes)

import os
import sys

CODES = (None, 0, 3, True, -1, 256, 1 << 31, 1 << 62, "text", "", 1.5, [], ("a", 1))
seen = []
for code in CODES:
    if not (child := os.fork()):
        sys.exit(code)
    seen.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print(seen)
sys.exit(300)

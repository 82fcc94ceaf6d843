import sys

print("before")
del sys.stdout, sys.stderr
sys.exit("where to?")

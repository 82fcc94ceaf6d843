import sys

sys.stdout.write("stdout")
sys.stderr.write("stderr")

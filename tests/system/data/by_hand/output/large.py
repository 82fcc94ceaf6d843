import sys

for number in range(20_000):
    print(number, file=sys.stderr if number % 2 else sys.stdout)

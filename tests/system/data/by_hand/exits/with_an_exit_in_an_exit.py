try:
    raise SystemExit(3)
except SystemExit:
    raise SystemExit(4)

import sys
import threading


def fail():
    raise ValueError("in the thread")


def leave():
    sys.exit(3)


for work in (fail, leave):
    thread = threading.Thread(target=work, name="worker")
    thread.start()
    thread.join()

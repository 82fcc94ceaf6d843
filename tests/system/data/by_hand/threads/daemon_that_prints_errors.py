import threading
import time

started = threading.Event()


def work():
    started.set()
    time.sleep(600)


for _ in range(8):
    threading.Thread(target=work, daemon=True).start()
started.wait()
print("done")

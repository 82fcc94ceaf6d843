import threading
import time


def work():
    time.sleep(0.05)
    print("thread")
    with open("thread.txt", "w") as file:
        file.write("thread")


threading.Thread(target=work).start()
print("main")

import threading

log = open("log.txt", "w")
log.write("never written, for a thread may still use it")
started = threading.Event()


def work():
    mine = open("mine.txt", "w")
    mine.write("nor this")
    started.set()
    threading.Event().wait()


threading.Thread(target=work, daemon=True).start()
started.wait()

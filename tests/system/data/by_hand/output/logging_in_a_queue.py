import atexit
import logging.handlers
import queue

waiting = queue.Queue()
listener = logging.handlers.QueueListener(waiting, logging.FileHandler("run.log"))
listener.start()
atexit.register(listener.stop)
logging.getLogger().addHandler(logging.handlers.QueueHandler(waiting))
for number in range(5):
    logging.warning("line %d", number)

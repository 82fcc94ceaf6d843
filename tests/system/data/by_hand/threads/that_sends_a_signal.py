import os
import signal
import threading

threading.Thread(target=os.kill, args=(os.getpid(), signal.SIGUSR1)).start()
signal.pause()

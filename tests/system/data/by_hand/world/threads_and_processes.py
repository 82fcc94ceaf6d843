import asyncio
import gc
import multiprocessing
import signal
import sys
import threading

print(threading.current_thread(), threading.active_count(), threading.main_thread().name)
print(multiprocessing.current_process().name, multiprocessing.parent_process())
print(signal.getsignal(signal.SIGINT), signal.set_wakeup_fd(-1), signal.pthread_sigmask(0, []))
print(gc.isenabled(), gc.get_threshold(), sys.getswitchinterval(), sys.is_finalizing())
print(asyncio.run(asyncio.sleep(0, "slept")))

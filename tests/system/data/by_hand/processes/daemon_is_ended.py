import multiprocessing
import time

if __name__ == "__main__":
    multiprocessing.get_context("fork").Process(
        target=time.sleep, args=(600,), daemon=True
    ).start()

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

if __name__ == "__main__":
    executor = ProcessPoolExecutor(2, get_context("fork"))
    print(list(executor.map(abs, [-1, -2])))

import time
from concurrent.futures import ThreadPoolExecutor

executor = ThreadPoolExecutor(2)
for number in range(4):
    executor.submit(lambda number=number: (time.sleep(0.01), open(f"{number}", "w").write("x")))
print("main")

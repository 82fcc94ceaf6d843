import logging
import logging.handlers
import sys

logging.basicConfig(level="INFO", stream=sys.stdout, format="%(message)s")
file = logging.FileHandler("run.log")
logging.getLogger().addHandler(file)
logging.getLogger("held").addHandler(logging.handlers.MemoryHandler(9, target=file))
logging.getLogger("held").info("held back")
logging.info("at once")
print("printed")

import threading


class Connection:
    def __del__(self):
        print("disconnected")


local = threading.local()
local.connection = Connection()

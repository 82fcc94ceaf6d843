import atexit

log = open("log.txt", "w")
log.write("main\n")
atexit.register(log.write, "exit\n")

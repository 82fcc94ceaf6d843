import atexit

atexit.register(print, "handled")
kept = open("kept.txt", "w")
kept.write("kept")
raise KeyboardInterrupt

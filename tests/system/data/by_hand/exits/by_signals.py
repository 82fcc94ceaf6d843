import os
import signal

seen = []
for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGALRM, signal.SIGUSR1, signal.SIGPIPE):
    if not (child := os.fork()):
        os.kill(os.getpid(), number)
        os._exit(0)
    seen.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print(seen, [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGCHLD, signal.SIGHUP)])

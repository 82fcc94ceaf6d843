import sys
import threading

calls = []


def trace(frame, event, argument):
    calls.append(frame.f_code.co_name)
    return trace


def work():
    return 1


sys.settrace(trace)
threading.settrace(trace)
work()
print(calls)

import queue
import selectors
import signal

import kept
import sqlite3

print(queue.mine, signal.mine, selectors.mine, kept.mine, sqlite3.mine)

import logging

print(logging.__file__.endswith("logging/__init__.py"))

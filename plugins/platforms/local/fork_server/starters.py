"""The two ways to start a Python process at once: forking, and having one ready."""

import json
import os
import socket
import sys
import traceback
from collections import deque
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Protocol

from .channel import Channel, Message
from .descendants import die_with
from .process_setup import Files, lead


class Starter(Protocol):
    """Starts processes that lead sessions of their own."""

    def start(self, process: Message, files: Files) -> int:
        """Start one, lending it the files, and return its process id."""
        ...


class Forking:
    """Forks the keeper, with all that it has imported."""

    def __init__(self, let_go: Callable[[], None]) -> None:
        self._let_go = let_go

    def start(self, process: Message, files: Files) -> int:
        """Fork; the child lets go of what is the keeper's."""
        parent = os.getpid()
        if child := os.fork():
            return child
        try:
            self._let_go()
            die_with(parent)
            lead(process, files)
        except BaseException:  # noqa: BLE001 - it must not come back as a second keeper
            traceback.print_exc()
        finally:
            os._exit(1)


class Prestarting:
    """Keeps fresh interpreters that have imported what is to be, each for one process."""

    def __init__(self, settings: Message) -> None:
        self._settings = settings
        self._ready: deque[tuple[int, Channel]] = deque()

    @property
    def children(self) -> Collection[int]:
        """Process ids of those that wait."""
        return {child for child, _ in self._ready}

    def start(self, process: Message, files: Files) -> int:
        """Give the process to one that waits, and prestart the next."""
        child, channel = self._take()
        channel.send(process, [os.dup(file) for file in files.descriptors])
        channel.close()
        self.prepare()
        return child

    def prepare(self) -> None:
        """Have at least one waiting."""
        if not self._ready:
            self._ready.append(self._prestart())

    def forget(self, child: int) -> None:
        """Count no longer on one that died."""
        for waiting in [waiting for waiting in self._ready if waiting[0] == child]:
            self._ready.remove(waiting)
            waiting[1].close()

    def _take(self) -> tuple[int, Channel]:
        """Take one that waits, or a new one if it died in the meantime."""
        self.prepare()
        child, channel = self._ready.popleft()
        if os.waitpid(child, os.WNOHANG) == (0, 0):
            return child, channel
        channel.close()
        return self._prestart()

    def _prestart(self) -> tuple[int, Channel]:
        ours, theirs = socket.socketpair()
        with theirs:
            theirs.set_inheritable(True)
            settings = json.dumps({**self._settings, "parent": os.getpid()})
            folder = str(Path(__file__).parent)
            argv = [sys.executable, folder, "prestarted", str(theirs.fileno()), settings]
            return os.posix_spawn(sys.executable, argv, os.environ), Channel(ours)

"""The Unix socket of a daemon, and the lock that keeps a second daemon from starting.

A path of a socket is limited to 107 bytes, and a sweep's folder may be deeper. So both ends change
to the folder, and the socket has a relative path.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..fork_server.channel import Channel

_SOCKET = "control"
_LOCK = "runner.lock"
_CONNECT_SECONDS = 10.0


class Lock:
    """The lock of a sweep's folder, which its daemon holds as long as it lives."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _LOCK
        self._file = -1

    def acquire(self) -> bool:
        """Take the lock, and record its holder; return False if another process has the lock."""
        if not self._lock():
            return False
        holder = {"pid": os.getpid(), "host": socket.gethostname()}
        with suppress(OSError):  # a full disk
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, json.dumps(holder).encode(), 0)
        return True

    def release(self) -> None:
        """Let another process take the lock."""
        os.close(self._file)

    def is_free(self) -> bool:
        """Return whether no process has the lock."""
        if self._lock():
            self.release()
            return True
        return False

    def is_gone(self) -> bool:
        """Return whether the file of the lock that this process holds was removed or replaced."""
        try:
            return not os.path.samestat(self._path.stat(), os.fstat(self._file))
        except FileNotFoundError:
            return True
        except OSError:
            return False  # the disk does not answer at present

    def holder(self) -> dict[str, Any]:
        """Return the process id and the host of the process that has the lock, or had it last."""
        try:
            found = json.loads(self._path.read_bytes())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def holder_process(self) -> int | None:
        """Return the process id in the file of the lock, which may be that of another program."""
        process = self.holder().get("pid")
        return process if isinstance(process, int) else None

    def _lock(self) -> bool:
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            return False
        return True


def listen() -> socket.socket:
    """Listen in the current folder, whose lock this process holds."""
    listener = socket.socket(socket.AF_UNIX)
    with suppress(FileNotFoundError):
        Path(_SOCKET).unlink()  # a daemon that was killed has left it
    listener.bind(_SOCKET)
    listener.listen(8)
    listener.setblocking(False)  # noqa: FBT003 - positional only
    return listener


def connect(folder: Path) -> Channel | None:
    """Connect to the daemon of a sweep; return None if there is none."""
    os.chdir(folder)
    end = socket.socket(socket.AF_UNIX)
    end.settimeout(_CONNECT_SECONDS)
    try:
        end.connect(_SOCKET)
    except (FileNotFoundError, ConnectionRefusedError):
        end.close()
        return None
    end.settimeout(None)
    return Channel(end)

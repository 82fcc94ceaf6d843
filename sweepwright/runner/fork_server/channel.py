"""A connection for JSON messages with attached file descriptors, over a Unix socket.

A message is a header (length of the body, number of descriptors) and a JSON body. Descriptors
travel as ancillary data (``SCM_RIGHTS``). The driver and the server share this module.
"""

from __future__ import annotations

import errno
import json
import os
import socket
import struct
import time
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, Dict

Message = Dict[str, Any]

_HEADER = struct.Struct("!IB")
_FILE = struct.Struct("i")
_CHUNK = 1 << 16
_MOST_FILES = 250
# The system lacks memory, or too many descriptors are on their way; the connection is whole.
_PASSING = (errno.ENOBUFS, errno.ENOMEM, errno.ETOOMANYREFS)
_PAUSE_SECONDS = 0.01


class Channel:
    """One end of a connection; it blocks only if its socket does.

    Invariant: `_files` holds the received descriptors of messages that are still incomplete, one
    entry per message with descriptors. The entry is None if this process could not receive them,
    because it has reached its limit of open files: the kernel drops them, and only says so.
    """

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._received = bytearray()
        self._files: deque[list[int] | None] = deque()
        self._unsent: deque[tuple[memoryview, Sequence[int]]] = deque()

    def fileno(self) -> int:
        """Return the socket's descriptor, by which selectors identify the channel."""
        return self._socket.fileno()

    def send(self, message: Message, files: Sequence[int] = ()) -> bool:
        """Send a message, and close its files once sent; return False if data are still unsent."""
        body = json.dumps(message).encode()
        data = memoryview(_HEADER.pack(len(body), len(files)) + body)
        self._unsent.append((data, files))
        return self.flush()

    def flush(self) -> bool:
        """Send data that a full socket refused before; return True if no data are left.

        If the receiver is gone or the system refuses to send, the data are dropped, and the next
        `receive` returns None.
        """
        while self._unsent:
            data, files = self._unsent[0]
            try:
                sent = self._send(data, files)
            except BlockingIOError:
                return False
            except OSError as error:
                if error.errno in _PASSING:
                    time.sleep(_PAUSE_SECONDS)
                    if self._socket.gettimeout() == 0:
                        return False
                    continue
                # If the receiver is alive, it must not wait for these data for ever.
                with suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)
                sent = len(data)
            # The kernel attaches all descriptors to the first byte that it accepts.
            close_files(files)
            self._unsent[0] = (data[sent:], ())
            if sent == len(data):
                self._unsent.popleft()
        return True

    def receive(self) -> list[tuple[Message, list[int] | None]] | None:
        """Read the messages that have arrived; return None once the other end is gone.

        The descriptors of a message are None if this process could not receive them.
        """
        try:
            data, files, flags = _receive(self._socket)
        except BlockingIOError:
            return []
        except OSError as error:
            return [] if error.errno in _PASSING else None
        for file in files:
            # Not every system knows MSG_CMSG_CLOEXEC, so the flag is set afterwards.
            os.set_inheritable(file, False)  # noqa: FBT003 - positional only
        self._received += data
        # One call returns the descriptors of one message at most, whose first byte is in `data`.
        if flags & socket.MSG_CTRUNC:
            close_files(files)
            self._files.append(None)
        elif files:
            self._files.append(files)
        return self._messages() if data else None

    def close(self) -> None:
        """Close the socket, and every file that was not sent or not passed to the caller."""
        for files in self._files:
            close_files(files or ())
        for _, unsent in self._unsent:
            close_files(unsent)
        self._files.clear()
        self._unsent.clear()
        self._socket.close()

    def _send(self, data: memoryview, files: Sequence[int]) -> int:
        if not files:
            return self._socket.send(data)
        content = b"".join(map(_FILE.pack, files))
        return self._socket.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, content)])

    def _messages(self) -> list[tuple[Message, list[int] | None]]:
        """Remove and return the complete messages, whose descriptors have all arrived too."""
        messages = []
        while len(self._received) >= _HEADER.size:
            size, count = _HEADER.unpack_from(self._received)
            end = _HEADER.size + size
            if len(self._received) < end:
                break
            message = json.loads(self._received[_HEADER.size : end])
            del self._received[:end]
            messages.append((message, self._files.popleft() if count else []))
        return messages


def _receive(end: socket.socket) -> tuple[bytes, list[int], int]:
    """Read data, the descriptors that came with them, and flags (`socket.recv_fds` of 3.9)."""
    room = socket.CMSG_LEN(_MOST_FILES * _FILE.size)
    data, ancillary, flags, _ = end.recvmsg(_CHUNK, room)
    files = []
    for level, kind, content in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            whole = len(content) - len(content) % _FILE.size
            files += [file for (file,) in _FILE.iter_unpack(content[:whole])]
    return data, files, flags


def require_files(files: list[int] | None) -> list[int]:
    """Return received files; if they were lost, raise the error of a process at its limit."""
    if files is None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
    return files


def close_files(files: Iterable[int]) -> None:
    """Close file descriptors."""
    for file in files:
        os.close(file)

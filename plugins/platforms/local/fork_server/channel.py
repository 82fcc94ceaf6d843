"""A connection for JSON messages with attached file descriptors, over a Unix socket.

A message is a header (length of the body, number of descriptors) and a JSON body. Descriptors
travel as ancillary data (``SCM_RIGHTS``). The driver and the server share this module.
"""

import json
import os
import socket
import struct
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

Message: TypeAlias = dict[str, Any]

_HEADER = struct.Struct("!IB")
_CHUNK = 1 << 16
_MOST_FILES = 250


class Channel:
    """One end of a connection; it blocks only if its socket does.

    Invariant: `_files` holds the received descriptors of messages that are still incomplete.
    """

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._received = bytearray()
        self._files: deque[int] = deque()
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

        If the receiver is gone, the data are dropped, and the next `receive` returns None.
        """
        while self._unsent:
            data, files = self._unsent[0]
            try:
                sent = self._send(data, files)
            except BlockingIOError:
                return False
            except OSError:
                sent = len(data)
            # The kernel attaches all descriptors to the first byte that it accepts.
            close_files(files)
            self._unsent[0] = (data[sent:], ())
            if sent == len(data):
                self._unsent.popleft()
        return True

    def receive(self) -> list[tuple[Message, list[int]]] | None:
        """Read the messages that have arrived; return None once the other end is gone."""
        try:
            data, files, _, _ = socket.recv_fds(self._socket, _CHUNK, _MOST_FILES)
        except BlockingIOError:
            return []
        except OSError:
            return None
        for file in files:
            # `socket.recv_fds` passes no MSG_CMSG_CLOEXEC, so the flag is set afterwards.
            os.set_inheritable(file, False)  # noqa: FBT003 - positional only
        self._received += data
        self._files.extend(files)
        return self._messages() if data else None

    def close(self) -> None:
        """Close the socket, and every file that was not sent or not passed to the caller."""
        close_files([*self._files, *(file for _, files in self._unsent for file in files)])
        self._files.clear()
        self._unsent.clear()
        self._socket.close()

    def _send(self, data: memoryview, files: Sequence[int]) -> int:
        if not files:
            return self._socket.send(data)
        return socket.send_fds(self._socket, [data], list(files))

    def _messages(self) -> list[tuple[Message, list[int]]]:
        """Remove and return the complete messages, whose descriptors have all arrived too."""
        messages = []
        while len(self._received) >= _HEADER.size:
            size, count = _HEADER.unpack_from(self._received)
            end = _HEADER.size + size
            if len(self._received) < end:
                break
            message = json.loads(self._received[_HEADER.size : end])
            del self._received[:end]
            messages.append((message, [self._files.popleft() for _ in range(count)]))
        return messages


def close_files(files: Iterable[int]) -> None:
    """Close file descriptors."""
    for file in files:
        os.close(file)

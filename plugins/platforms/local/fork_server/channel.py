"""JSON messages with open files attached, over a Unix socket; driver and server share it."""

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
    """One end of a conversation; it blocks only if its socket does."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._received = bytearray()
        self._files: deque[int] = deque()
        self._unsent: deque[tuple[memoryview, Sequence[int]]] = deque()

    def fileno(self) -> int:
        """Return the socket's descriptor, by which selectors know the channel."""
        return self._socket.fileno()

    def send(self, message: Message, files: Sequence[int] = ()) -> bool:
        """Send a message, handing its files over; False when some of it has to wait."""
        body = json.dumps(message).encode()
        data = memoryview(_HEADER.pack(len(body), len(files)) + body)
        self._unsent.append((data, files))
        return self.flush()

    def flush(self) -> bool:
        """Send what a full socket kept back; True once nothing is left.

        A receiver that is gone takes nothing, and reading from it tells so.
        """
        while self._unsent:
            data, files = self._unsent[0]
            try:
                sent = self._send(data, files)
            except BlockingIOError:
                return False
            except OSError:
                sent = len(data)
            close_files(files)
            self._unsent[0] = (data[sent:], ())
            if sent == len(data):
                self._unsent.popleft()
        return True

    def receive(self) -> list[tuple[Message, list[int]]] | None:
        """Read what has come; None once the other end is gone."""
        try:
            data, files, _, _ = socket.recv_fds(self._socket, _CHUNK, _MOST_FILES)
        except BlockingIOError:
            return []
        except OSError:
            return None
        for file in files:
            # `recv_fds` drops the flag that would have them so from the beginning.
            os.set_inheritable(file, False)  # noqa: FBT003 - positional only
        self._received += data
        self._files.extend(files)
        return self._messages() if data else None

    def close(self) -> None:
        """Close the socket and every file that nobody took over."""
        close_files([*self._files, *(file for _, files in self._unsent for file in files)])
        self._files.clear()
        self._unsent.clear()
        self._socket.close()

    def _send(self, data: memoryview, files: Sequence[int]) -> int:
        if not files:
            return self._socket.send(data)
        return socket.send_fds(self._socket, [data], list(files))

    def _messages(self) -> list[tuple[Message, list[int]]]:
        """Take the complete messages; the files of a message have come once its text has."""
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
    """Close files by their descriptors."""
    for file in files:
        os.close(file)

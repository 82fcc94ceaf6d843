"""The log of one container, as a container runtime writes it and a kubelet reads it.

A runtime gives each line a time, and breaks a line after 16 KiB. What a process has written since
its last line break is not in the log yet. The kubelet keeps the newest file and older ones; its
API serves the newest file only, but whoever follows the log goes on across files.
"""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

MAX_FILE_BYTES = 10 * 2**20
"""Size at which a kubelet begins a new file (`containerLogMaxSize`)."""
MAX_LINE_BYTES = 16 * 2**10


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a log, or a part of a long line, with its line break if it has one."""

    time: float
    data: bytes
    begins_line: bool

    def text(self, *, timestamps: bool) -> bytes:
        """Return the entry as the API serves it."""
        if not (timestamps and self.begins_line):
            return self.data
        when = datetime.fromtimestamp(self.time, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
        return f"{when}000Z ".encode() + self.data


class ContainerLog:
    """A log that grows; threads may read it meanwhile.

    Entries are numbered from the beginning of the log. Invariant: `_entries` holds those of the
    newest file, which begins at number `_newest`, and those of the file before it, for those who
    still read it; the first of them has the number `_dropped`.
    """

    def __init__(self, max_file_bytes: int = MAX_FILE_BYTES) -> None:
        self._max_file_bytes = max_file_bytes
        self._changed = threading.Condition()
        self._entries: list[Entry] = []
        self._dropped = 0
        self._newest = 0
        self._size = 0
        self._pending = b""
        self._in_line = False
        self._closed = False
        self.lost = False
        """Whether the files are gone although the container is known."""

    def write(self, data: bytes) -> None:
        """Append what a process has written; complete lines become visible."""
        now = time.time()
        with self._changed:
            *lines, self._pending = (self._pending + data).split(b"\n")
            for line in lines:
                self._append_line(line + b"\n", now)
            while len(self._pending) >= MAX_LINE_BYTES:
                head = self._pending[:MAX_LINE_BYTES]
                self._pending = self._pending[MAX_LINE_BYTES:]
                self._append(head, now)
            self._changed.notify_all()

    def _append_line(self, line: bytes, now: float) -> None:
        while len(line) > MAX_LINE_BYTES + 1:
            self._append(line[:MAX_LINE_BYTES], now)
            line = line[MAX_LINE_BYTES:]
        self._append(line, now)

    def _append(self, data: bytes, now: float) -> None:
        if self._size >= self._max_file_bytes:
            self._begin_file()
        self._entries.append(Entry(now, data, not self._in_line))
        self._in_line = not data.endswith(b"\n")
        self._size += len(data)

    def rotate(self) -> None:
        """Begin a new file; what was written so far is served no more."""
        with self._changed:
            self._begin_file()

    def _begin_file(self) -> None:
        del self._entries[: self._newest - self._dropped]
        self._dropped = self._newest
        self._newest += len(self._entries)
        self._size = 0

    def lose(self) -> None:
        """Lose all files, as a node does that needs their space."""
        with self._changed:
            self.lost = True
            self._entries = []
            self._changed.notify_all()

    def close(self) -> None:
        """Finish the log: show the last line even if it has no line break."""
        with self._changed:
            if self._pending:
                self._append(self._pending, time.time())
                self._pending = b""
            self._closed = True
            self._changed.notify_all()

    @property
    def closed(self) -> bool:
        """Whether nothing will be written any more."""
        return self._closed

    def entries(self) -> tuple[int, list[Entry]]:
        """Return the entries of the newest file, and the number of the first of them."""
        with self._changed:
            return self._newest, self._entries[self._newest - self._dropped :]

    def tail(self, size: int) -> bytes:
        """Return the last bytes of the newest file."""
        return b"".join(entry.data for entry in self.entries()[1])[-size:]

    def follow(self, number: int, wait_seconds: float) -> Iterator[list[Entry]]:
        """Yield the entries from a number on as they come, until the log is closed.

        Yields an empty list when nothing has come for a while, so that the reader can look whether
        anybody still listens.
        """
        while True:
            with self._changed:
                done = self._closed
                found = self._from(number)
                if not found and not done:
                    self._changed.wait(wait_seconds)
                    found = self._from(number)
            if not found and done:
                return
            number = max(number, self._dropped) + len(found)
            yield found

    def _from(self, number: int) -> list[Entry]:
        return self._entries[max(0, number - self._dropped) :]

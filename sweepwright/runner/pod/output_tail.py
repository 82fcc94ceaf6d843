"""Reads what a process of the job appends to the file of its output, and frees its disk space."""

from __future__ import annotations

import os
import stat
import time
from contextlib import suppress

from ..output_limit import moved, shorten
from .hole import punch_hole

CHUNK = 1 << 16
STALE_SECONDS = 1.0
"""Time after which an unfinished line is passed on, such as that of a progress bar."""
_FLAGS = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class OutputTail:
    """Reads a file that may not exist yet, line by line as far as there are lines.

    Once the file is longer than `limit` bytes, its first quarter and as much of its end are kept,
    but what was not read yet is always kept.
    """

    def __init__(self, path: str, limit: int | None = None) -> None:
        self._path = path
        self._limit = limit
        self._file = -1
        self._offset = 0
        self._waits_since: float | None = None
        """Time at which the unfinished last line was first seen."""
        self._freed = (limit or 0) // 4
        """Where the next hole in the file begins."""
        self._dropped: int | None = None
        """Number of bytes that were dropped, if the file system has no holes."""

    def read(self, *, final: bool = False) -> bytes:
        """Return the next complete lines; if `final`, whatever is left."""
        if self._file < 0 and not self._open():
            return b""
        data = self._next_chunk()
        size = data.rfind(b"\n") + 1
        if not size and data and (final or len(data) == CHUNK or self._is_stale()):
            size = len(data)
        if size:
            self._waits_since = None
            self._offset += size
            self._free()
        return data[:size]

    def close(self) -> None:
        """Close the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _open(self) -> bool:
        with suppress(OSError):
            self._file = os.open(self._path, _FLAGS)
            if stat.S_ISREG(os.fstat(self._file).st_mode):
                return True
            self.close()
        return False

    def _next_chunk(self) -> bytes:
        try:
            data = os.pread(self._file, CHUNK, self._offset)
            if not data and os.fstat(self._file).st_size < self._offset:
                # The trial has emptied the file, and goes on at its beginning.
                self._offset = 0
                self._freed = (self._limit or 0) // 4
        except OSError:
            return b""  # the disk does not answer at present
        return data

    def _is_stale(self) -> bool:
        now = time.monotonic()
        if self._waits_since is None:
            self._waits_since = now
        return now - self._waits_since >= STALE_SECONDS

    def _free(self) -> None:
        """Free the space of what was read, except for the beginning and the end."""
        if self._limit is None or self._offset - self._freed < self._limit // 2:
            return
        end = self._offset - self._limit // 4
        if self._dropped is None and punch_hole(self._file, self._freed, end):
            self._freed = end
        else:
            self._shorten(self._limit)

    def _shorten(self, limit: int) -> None:
        """Move the end of the file to the front, once it was read almost to its end."""
        before = self._dropped = self._dropped or 0
        with suppress(OSError):
            unread = os.fstat(self._file).st_size - self._offset
            if unread <= limit // 8:
                self._dropped = shorten(self._path, limit, before)
                self._offset -= moved(limit, before, self._dropped)

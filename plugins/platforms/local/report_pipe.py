"""Reads the reports of a process in bounded pieces, whatever the process may write."""

import os
from collections.abc import Iterator

CHUNK = 1 << 16
"""Bytes that are read at once."""
MAX_LINE = 1 << 20
"""Bytes after which an unfinished line is cut off, and thus the most that is held in memory."""
_SHOWN = 200


class ReportPipe:
    """The pipe of one reporting process."""

    def __init__(self) -> None:
        self._reader, writer = os.pipe()
        self._writer: int | None = writer
        os.set_blocking(self._reader, False)
        self._rest = bytearray()
        self._discarding = False
        self.ended = False
        """Whether every writer has closed its end."""
        self.closed = False

    def take_writer(self) -> int:
        """Return the end to write to, which the caller then owns."""
        writer, self._writer = self._writer, None
        assert writer is not None, "given away before"
        return writer

    def fileno(self) -> int:
        """Return the end to read from."""
        return self._reader

    def read(self) -> Iterator[str]:
        """Read the lines of one chunk, and at the end of the stream the incomplete last line."""
        data = self._receive()
        if data:
            yield from self._lines(data)
        if self.ended:
            yield from self._rest_of_line()

    def drain(self) -> Iterator[str]:
        """Read everything that processes which have ended left in the pipe."""
        for _ in range(2 * MAX_LINE // CHUNK):
            if not (data := self._receive()):
                break
            yield from self._lines(data)
        yield from self._rest_of_line()

    def close(self) -> None:
        """Close the ends that this process owns."""
        if not self.closed:
            self.closed = True
            os.close(self._reader)
        if self._writer is not None:
            os.close(self.take_writer())

    def _receive(self) -> bytes:
        """Read a chunk; empty if there is nothing to read yet, or at the end of the stream."""
        try:
            data = os.read(self._reader, CHUNK)
        except BlockingIOError:
            return b""
        self.ended = not data
        return data

    def _lines(self, data: bytes) -> Iterator[str]:
        *ends, rest = data.split(b"\n")
        for end in ends:
            if not self._discarding:
                yield _text(self._rest + end)
            self._discarding = False
            self._rest.clear()
        if not self._discarding:
            self._rest += rest
        if len(self._rest) > MAX_LINE:
            # A line cut in the middle is not valid JSON, so its reader counts it as unreadable.
            yield _text(self._rest[:_SHOWN]) + "…"
            self._rest.clear()
            self._discarding = True

    def _rest_of_line(self) -> Iterator[str]:
        """Return the last line, which may lack its newline."""
        if self._rest:
            yield _text(self._rest)
            self._rest.clear()


def _text(line: bytes | bytearray) -> str:
    return line.decode(errors="replace")

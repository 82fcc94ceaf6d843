"""Pipe for the reports of a process; reading it needs little memory even if lines are huge."""

import os
from collections.abc import Iterator

CHUNK = 1 << 16
"""Maximum number of bytes in one read."""
MAX_LINE = 1 << 20
"""Number of bytes after which a line is cut, so that a long line cannot fill the memory."""
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
        """Whether every writing end has been closed and all data have been read."""
        self.closed = False

    def take_writer(self) -> int:
        """Return the writing end, which the caller must then close."""
        writer, self._writer = self._writer, None
        assert writer is not None, "given away before"
        return writer

    def fileno(self) -> int:
        """Return the reading end, by which selectors identify the pipe."""
        return self._reader

    def read(self) -> Iterator[str]:
        """Read one chunk and yield its complete lines; if the stream ends, also yield the rest."""
        data = self._receive()
        if data:
            yield from self._lines(data)
        if self.ended:
            yield from self._rest_of_line()

    def drain(self) -> Iterator[str]:
        """Read everything that ended processes have left in the pipe."""
        for _ in range(2 * MAX_LINE // CHUNK):
            if not (data := self._receive()):
                break
            yield from self._lines(data)
        yield from self._rest_of_line()

    def close(self) -> None:
        """Close the ends of the pipe that this process still holds."""
        if not self.closed:
            self.closed = True
            os.close(self._reader)
        if self._writer is not None:
            os.close(self.take_writer())

    def _receive(self) -> bytes:
        """Read a chunk, which is empty if no data have arrived or if the stream has ended."""
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
        """Yield the incomplete last line, if there is one."""
        if self._rest:
            yield _text(self._rest)
            self._rest.clear()


def _text(line: bytes | bytearray) -> str:
    return line.decode(errors="replace")

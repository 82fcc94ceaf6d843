"""Reading what a process reports, a bounded piece at a time, whatever it may write."""

import os
from collections.abc import Iterator

CHUNK = 1 << 16
"""Bytes read at once."""
LONGEST = 1 << 20
"""Bytes after which a line without an end is cut off; also the most a pipe can be made to hold."""
_SHOWN = 200


class Reports:
    """The pipe of one reporting process."""

    def __init__(self) -> None:
        self._reader, writer = os.pipe()
        self._writer: int | None = writer
        os.set_blocking(self._reader, False)
        self._rest = bytearray()
        self._skipping = False
        self.ended = False
        """Whether nobody can write any more."""
        self.closed = False

    def hand_over(self) -> int:
        """Give away the end to write to."""
        writer, self._writer = self._writer, None
        assert writer is not None, "given away before"
        return writer

    def fileno(self) -> int:
        """Return the end to read from."""
        return self._reader

    def read(self) -> Iterator[str]:
        """Read the lines of one chunk, and the unfinished one at the end of all."""
        data = self._receive()
        if data:
            yield from self._lines(data)
        if self.ended:
            yield from self._rest_of_line()

    def drain(self) -> Iterator[str]:
        """Read all that is left of processes that are gone."""
        for _ in range(2 * LONGEST // CHUNK):
            if not (data := self._receive()):
                break
            yield from self._lines(data)
        yield from self._rest_of_line()

    def close(self) -> None:
        """Close what is ours of the pipe."""
        if not self.closed:
            self.closed = True
            os.close(self._reader)
        if self._writer is not None:
            os.close(self.hand_over())

    def _receive(self) -> bytes:
        """Read a chunk; nothing is there, or nothing will be any more, when it is empty."""
        try:
            data = os.read(self._reader, CHUNK)
        except BlockingIOError:
            return b""
        self.ended = not data
        return data

    def _lines(self, data: bytes) -> Iterator[str]:
        *ends, rest = data.split(b"\n")
        for end in ends:
            if not self._skipping:
                yield _text(self._rest + end)
            self._skipping = False
            self._rest.clear()
        if not self._skipping:
            self._rest += rest
        if len(self._rest) > LONGEST:
            # Cut in its middle, it is no JSON: whoever reads it counts it unreadable.
            yield _text(self._rest[:_SHOWN]) + "…"
            self._rest.clear()
            self._skipping = True

    def _rest_of_line(self) -> Iterator[str]:
        """Take what a process wrote last, which may lack its end."""
        if self._rest:
            yield _text(self._rest)
            self._rest.clear()


def _text(line: bytes | bytearray) -> str:
    return line.decode(errors="replace")

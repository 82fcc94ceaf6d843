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
        self.open = True

    def hand_over(self) -> int:
        """Give away the end to write to."""
        writer, self._writer = self._writer, None
        assert writer is not None, "given away before"
        return writer

    def fileno(self) -> int:
        """Return the end to read from."""
        return self._reader

    def read(self) -> Iterator[str]:
        """Read the lines of one chunk; closes itself once nobody writes any more."""
        data = self._receive()
        if data == b"":
            yield from self._finish()
        elif data:
            yield from self._lines(data)

    def drain(self) -> Iterator[str]:
        """Read all that is left of processes that are gone, and close."""
        for _ in range(2 * LONGEST // CHUNK):
            if not (data := self._receive()):
                break
            yield from self._lines(data)
        yield from self._finish()

    def close(self) -> None:
        """Close what is ours of the pipe."""
        if self.open:
            self.open = False
            os.close(self._reader)
        if self._writer is not None:
            os.close(self.hand_over())

    def _receive(self) -> bytes | None:
        try:
            return os.read(self._reader, CHUNK) if self.open else None
        except BlockingIOError:
            return None

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

    def _finish(self) -> Iterator[str]:
        """Close; what a process wrote last may lack its end."""
        if self._rest:
            yield _text(self._rest)
            self._rest.clear()
        self.close()


def _text(line: bytes | bytearray) -> str:
    return line.decode(errors="replace")

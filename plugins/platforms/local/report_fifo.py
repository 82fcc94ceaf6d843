"""The named pipe (FIFO) through which all processes of a job report; reading needs little memory.

A process finds the pipe by its name. A name survives what a descriptor does not: launchers such as
torchrun, `subprocess`, and scripts that close all descriptors. All descendants of a job's
processes therefore can report. A report of up to ``PIPE_BUF`` bytes is written atomically, and the
trial API locks the pipe, so lines never mix.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sweepwright.protocol import OPENING
from sweepwright.trial import LONGEST_LINE

CHUNK = 1 << 16
"""Maximum number of bytes in one read."""
_LARGEST_PIPE = 1 << 20
_SHOWN = 200
_OPENING = OPENING.encode()


class ReportFifo:
    """The named pipe of one job, which only the user may open."""

    def __init__(self, path: Path) -> None:
        """Make the pipe; raises `OSError` if the system refuses."""
        self._path = path
        _make(path)
        try:
            # Because this descriptor also can write, the pipe never ends between two writers.
            self._file = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            path.unlink()
            raise
        self._rest = bytearray()
        self._too_long = False
        self.closed = False

    def fileno(self) -> int:
        """Return the descriptor, by which selectors identify the pipe."""
        return self._file

    def read(self) -> Iterator[str]:
        """Read one chunk, and yield the lines that are complete."""
        return self._lines(self._receive())

    def drain(self) -> Iterator[str]:
        """Read everything that ended processes have left in the pipe."""
        # A process that still writes must not keep this loop going for ever.
        for _ in range(_LARGEST_PIPE // CHUNK + 1):
            if not (data := self._receive()):
                break
            yield from self._lines(data)
        if self._rest:
            yield from self._end_line()

    def close(self) -> None:
        """Close and remove the pipe; a second call does nothing."""
        if not self.closed:
            self.closed = True
            os.close(self._file)
            with suppress(OSError):
                self._path.unlink()

    def _receive(self) -> bytes:
        """Read a chunk, which is empty if no data have arrived."""
        try:
            return os.read(self._file, CHUNK)
        except BlockingIOError:
            return b""

    def _lines(self, data: bytes) -> Iterator[str]:
        *ends, rest = data.split(b"\n")
        for end in ends:
            if self._rest or len(end) > LONGEST_LINE:
                yield from self._lengthen_line(end)
                yield from self._end_line()
            else:
                yield _text(end)
        yield from self._lengthen_line(rest)

    def _lengthen_line(self, piece: bytes) -> Iterator[str]:
        """Add to the unfinished line; of a line that is too long, the last part is kept."""
        self._rest += piece
        if len(self._rest) > LONGEST_LINE:
            if not self._too_long:
                # A line that is cut is not valid JSON, so its reader counts it as unreadable.
                yield _text(self._rest[:_SHOWN]) + "…"
            self._too_long = True
            del self._rest[:-LONGEST_LINE]

    def _end_line(self) -> Iterator[str]:
        # A process that is killed while it writes leaves the beginning of a line, to which the
        # next report is added. That report is whole.
        if not self._too_long or _OPENING in self._rest:
            yield _text(self._rest)
        self._too_long = False
        self._rest.clear()


def _make(path: Path) -> None:
    """Make a named pipe, and the folder of all named pipes of the sweep if it is missing."""
    try:
        os.mkfifo(path, 0o600)
    except FileNotFoundError:
        path.parent.mkdir()
        _make(path)
    except FileExistsError:
        path.unlink()  # a driver that was killed has left it
        _make(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from error  # the original names no file


def _text(line: bytes | bytearray) -> str:
    return line.decode(errors="replace")

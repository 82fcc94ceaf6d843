"""The named pipe (FIFO) through which all processes of a job report; reading needs little memory.

A process finds the pipe by its name. A name survives what a descriptor does not: launchers such as
torchrun, `subprocess`, and scripts that close all descriptors. All descendants of a job's
processes therefore can report. A report of up to ``PIPE_BUF`` bytes is written atomically, and the
trial API locks the pipe, so lines never mix.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

from ..trial import LONGEST_LINE

REPORTS = "reports"
"""Name of the folder in the sweep's folder that holds the named pipes of running jobs."""
OPENING = '{"sweepwright"'
"""How the line of a report begins."""
CHUNK = 1 << 16
"""Maximum number of bytes in one read."""
_LARGEST_PIPE = 1 << 20
_SHOWN = 200
_OPENING = OPENING.encode()
_SPARES_KEPT = 16
"""Number of spare pipes that wait, before the first of them is used again."""


class ReportFifo:
    """The named pipe of one job, which only the user may open."""

    def __init__(self, path: Path, spare: Path | None = None) -> None:
        """Make the pipe, or rename a spare one; raises `OSError` if the system refuses."""
        self.path = path
        if spare is None or not _renamed(spare, path):
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

    def close(self, spare: Path | None = None) -> bool:
        """Close and remove the pipe, or rename it to a spare one; a second call does nothing.

        Returns whether there is a spare one now.
        """
        if self.closed:
            return False
        self.closed = True
        os.close(self._file)
        if spare is not None and _renamed(self.path, spare):
            return True
        with suppress(OSError):
            self.path.unlink()
        return False

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


class SpareFifos:
    """The named pipes of jobs that have ended, which become those of later jobs.

    After a file was removed, ext4 does not use its inode again for some seconds, and looks at each
    such inode whenever it makes a file. With a pipe removed at the end of each short trial, this
    takes half a millisecond a trial.
    """

    def __init__(self) -> None:
        self._spares: deque[Path] = deque()
        self._numbers = count()

    def make(self, path: Path) -> ReportFifo:
        """Make the pipe of a job; raises `OSError` if the system refuses."""
        # A process from elsewhere, such as a container, may just have opened the pipe of a job
        # that has ended. It gets time to notice that no one reads the pipe.
        ready = len(self._spares) > _SPARES_KEPT
        return ReportFifo(path, self._spares.popleft() if ready else None)

    def remove(self) -> None:
        """Remove the spare pipes, because the disk may lack room for files."""
        while self._spares:
            with suppress(OSError):
                self._spares.popleft().unlink()

    def take_back(self, fifo: ReportFifo) -> None:
        """Close the pipe of a job whose processes have all ended."""
        spare = fifo.path.with_name(f".spare-{next(self._numbers)}")
        if fifo.close(spare):
            self._spares.append(spare)


def _renamed(path: Path, to: Path) -> bool:
    try:
        path.replace(to)
    except OSError:
        return False
    return True


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

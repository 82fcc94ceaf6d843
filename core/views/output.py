"""Output to a person: results on standard output, messages on standard error."""

import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO, TypeAlias

WriteLine: TypeAlias = Callable[[str], None]


class OutputError(Exception):
    """Standard output cannot be written; the message is one line."""


@contextmanager
def standard_output() -> Iterator[TextIO]:
    """Provide standard output for a result, and flush it afterwards.

    Raises
    ------
    OutputError
        When it cannot be written, as on a full disk. A closed pipe stays a `BrokenPipeError`.
    """
    try:
        yield sys.stdout
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"cannot write to standard output: {error.strerror}") from error


def echo(line: str) -> None:
    """Write a line to standard output, and flush it."""
    with standard_output() as output:
        output.write(f"{line}\n")


def echo_error(line: str) -> None:
    """Write a line to standard error, and flush it."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


class LineWriter:
    """Writes whole lines in order, although signal handlers may interrupt it to write as well.

    Handlers of Python run in the main thread between two instructions, so a lock would block
    for ever. Instead, whoever finds the writer busy leaves its line in a queue, which the
    interrupted call empties.

    When writing fails, on a closed pipe or a full disk, the writer gives up for good: a sweep
    continues although nobody can watch it.
    """

    def __init__(self, write: WriteLine) -> None:
        self._write = write
        self._queue: deque[str] = deque()
        self._busy = False
        self._broken = False

    def write(self, line: str) -> None:
        """Write a line, now or as soon as the current output is complete."""
        self._queue.append(line)
        self.flush()

    def flush(self) -> None:
        """Write the lines in the queue."""
        if self._queue:
            self.exclusively(self._write_all)

    def exclusively(self, show: Callable[[], None]) -> None:
        """Call a function that writes, unless this interrupts another; no line breaks into it."""
        if self._busy or self._broken:
            return
        self._busy = True
        try:
            show()
        except (OSError, OutputError, ValueError):
            # Python raises ValueError for a file that has been closed.
            self._broken = True
        finally:
            self._busy = False

    def _write_all(self) -> None:
        while self._queue:
            self._write(self._queue.popleft())

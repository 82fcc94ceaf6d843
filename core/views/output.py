"""Output to a person: results on standard output, messages on standard error."""

import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO, TypeAlias

WriteLine: TypeAlias = Callable[[str], None]


class OutputError(Exception):
    """Standard output cannot be written. The message is a single line."""


@contextmanager
def standard_output() -> Iterator[TextIO]:
    """Provide standard output for a result, and flush it afterwards.

    Raises
    ------
    OutputError
        When standard output cannot be written, for example because the disk is full. A closed pipe
        raises `BrokenPipeError` instead.
    """
    try:
        yield sys.stdout
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"cannot write to standard output: {error.strerror}") from error


def uses_color(stream: TextIO) -> bool:
    """Tell whether text on a stream is coloured: on a terminal, and nowhere else."""
    return stream.isatty()


def echo(line: str) -> None:
    """Write a line to standard output, and flush it."""
    with standard_output() as output:
        output.write(f"{line}\n")


def echo_error(line: str) -> None:
    """Write a line to standard error, and flush it."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


class LineWriter:
    """Writes whole lines in order, even when signal handlers write in the middle of a line.

    Python runs signal handlers in the main thread, between two instructions of the interrupted
    code. If the interrupted code held a lock, a handler that waits for the lock would block
    forever. Instead, a handler that interrupts a write appends its line to a queue, and the
    interrupted call writes the queue afterwards.

    After an error such as a closed pipe or a full disk, the writer stops writing for good. The
    sweep continues even though nobody can watch it.
    """

    def __init__(self, write: WriteLine) -> None:
        self._write = write
        self._queue: deque[str] = deque()
        self._busy = False
        self._broken = False

    def write(self, line: str) -> None:
        """Write a line now. If this call interrupts other output, write the line later."""
        self._queue.append(line)
        self.flush()

    def flush(self) -> None:
        """Write the lines in the queue."""
        if self._queue:
            self.exclusively(self._write_all)

    def exclusively(self, show: Callable[[], None]) -> None:
        """Call a function that writes. Do nothing if `exclusively` is already running a function.

        Lines that are written while the function is running are queued.
        """
        if self._busy or self._broken:
            return
        self._busy = True
        try:
            show()
        except (OSError, OutputError, ValueError):
            # Python raises ValueError when writing to a closed file.
            self._broken = True
        finally:
            self._busy = False

    def _write_all(self) -> None:
        while self._queue:
            self._write(self._queue.popleft())

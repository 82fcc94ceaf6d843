"""Lines said to a person, one after the other whatever interrupts what."""

import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO, TypeAlias

Write: TypeAlias = Callable[[str], None]


class OutputError(Exception):
    """Standard output that cannot be written, in one line."""


@contextmanager
def standard_output() -> Iterator[TextIO]:
    """Give standard output to write a result to, and flush it.

    Raises
    ------
    OutputError
        When it cannot be written, as on a full disk; a closed pipe stays a `BrokenPipeError`.
    """
    try:
        yield sys.stdout
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"cannot write to standard output: {error.strerror}") from error


def say(line: str) -> None:
    """Write a line to standard output, at once."""
    with standard_output() as output:
        output.write(f"{line}\n")


def complain(line: str) -> None:
    """Write a line to standard error, at once."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


class Saying:
    """Writes lines in order, one at a time even when a signal handler has one to say.

    Output that fails, on a closed pipe or a full disk, is given up for good: a sweep goes on
    without anybody watching.
    """

    def __init__(self, write: Write) -> None:
        self._write = write
        self._lines: deque[str] = deque()
        self._busy = False
        self._given_up = False

    def __call__(self, line: str) -> None:
        """Write a line, now or once whatever is being written is done."""
        self._lines.append(line)
        self.flush()

    def flush(self) -> None:
        """Write the lines that are left."""
        if self._lines:
            self.alone(self._write_all)

    def alone(self, show: Callable[[], None]) -> None:
        """Show something without a line breaking into it; not at all inside of another."""
        if self._busy or self._given_up:
            return
        self._busy = True
        try:
            show()
        except (OSError, OutputError, ValueError):
            # A ValueError is how Python says that the file is closed.
            self._given_up = True
        finally:
            self._busy = False

    def _write_all(self) -> None:
        while self._lines:
            self._write(self._lines.popleft())

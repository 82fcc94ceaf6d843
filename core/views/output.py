"""Output to a person: results on standard output, messages on standard error.

Text from trials, stores, files and file names may contain control characters. A terminal would
obey them: it would move the cursor, change its title, or show text in another order than it is
stored. Everything that is written here is therefore escaped first. A view that colours its text
escapes the parts before it colours them. Secrets are masked as well, as a last resort: views mask
values by their names, and here is masked what text repeats.
"""

import json
import re
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TextIO, TypeAlias

from sweepwright.events import Json

from ..plan.redaction import mask_body, mask_text

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


CONTROLS = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # C0, DEL and C1, which terminals obey
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # change the direction of the text after them
    "\u2028\u2029\ufeff\ud800-\udfff]"  # line breaks, byte order mark, lone surrogates
)
_SHORT_ESCAPES = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def escape_controls(text: str, keep: str = "") -> str:
    r"""Replace each control character, except those in `keep`, by an escape such as ``\x1b``."""
    return CONTROLS.sub(lambda found: found[0] if found[0] in keep else _escape(found[0]), text)


def _escape(character: str) -> str:
    code = ord(character)
    short = _SHORT_ESCAPES.get(character)
    return short or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")  # noqa: PLR2004 - two digits


def json_text(body: Json, indent: int | None = None, *, compact: bool = False) -> str:
    """Write a value as JSON, with secrets masked; control characters are escaped, thus exact."""
    separators = (",", ":") if compact else None
    text = json.dumps(mask_body(body), indent=indent, separators=separators, ensure_ascii=False)
    # In strings, JSON has escaped line breaks already. The others separate its lines.
    return CONTROLS.sub(lambda f: f[0] if f[0] == "\n" else f"\\u{ord(f[0]):04x}", text)


def echo(text: str, *, painted: bool = False) -> None:
    """Write text and a line break to standard output, and flush it.

    The text is escaped, apart from its line breaks and tabs, and its secrets are masked. If it is
    `painted`, it contains colours, and the caller has escaped the rest.
    """
    with standard_output() as output:
        output.write(f"{_shown(text, painted=painted)}\n")


def echo_error(text: str, *, painted: bool = False) -> None:
    """Write text and a line break to standard error, and flush it; otherwise as `echo`.

    An error is ignored, as when the terminal was closed: there is nowhere to report it.
    """
    with suppress(OSError):
        sys.stderr.write(f"{_shown(text, painted=painted)}\n")
        sys.stderr.flush()


def echo_json(body: Json, indent: int | None = None) -> None:
    """Write a JSON value and a line break to standard output, with its secrets masked."""
    with standard_output() as output:
        output.write(f"{json_text(body, indent, compact=not indent)}\n")


def _shown(text: str, *, painted: bool) -> str:
    masked = mask_text(text)
    return masked if painted else escape_controls(masked, keep="\n\t")


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
        self._queue.append(escape_controls(mask_text(line)))
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

"""Signals while no sweep runs: the process prints one line and ends at once.

The handlers call `os._exit` and raise no exception. An exception would come out of whatever
instruction is being executed: an import, whose module would stay half initialised, or a
destructor, where Python prints the exception as a traceback and continues. Nothing is lost,
because every command may be killed at any moment. While a sweep runs, `SignalCounter` of
`driver.signals` replaces these handlers.

`exit_on_signals` must be called before any slow import, so this module imports little itself.
"""

import os
import signal

TYPE_CHECKING = False  # importing `typing` would take longer than importing this module

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_EXIT_CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 143}
_SHOW_CURSOR = b"\x1b[?25h"


def exit_on_signals() -> None:
    """Install the handlers, except for signals that the caller of the program ignores.

    `nohup` ignores SIGHUP, and a shell ignores SIGINT for a job in the background.
    """
    for number, exit_code in _EXIT_CODES.items():
        if signal.getsignal(number) is not signal.SIG_IGN:
            line = b"interrupted\n" if number == signal.SIGINT else b"terminated\n"
            signal.signal(number, _handler(line, exit_code))


def _handler(line: bytes, exit_code: int) -> "Callable[[int, FrameType | None], None]":
    # The handler may be called while the interpreter ends and has already emptied its modules, so
    # it must not look up any name in a module.
    is_terminal, write, exit_now = os.isatty, os.write, os._exit
    cursor = b"" if os.environ.get("TERM") == "dumb" else _SHOW_CURSOR

    def handle(_number: int, _frame: "FrameType | None") -> None:
        try:
            # A live display, which hides the cursor, may just be about to begin or to end.
            if is_terminal(1):
                write(1, cursor)
            write(2, line)
        except OSError:  # the terminal was closed
            pass
        exit_now(exit_code)

    return handle

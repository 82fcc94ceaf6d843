"""Signals while a sweep runs: after the first, running trials finish; the second stops them."""

import signal
from types import FrameType
from typing import Any, Self

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class SignalCounter:
    """Context manager that counts the signals which ask the driver to end.

    The handler only increments the count, and the driver checks `count` once per turn. A signal
    therefore never interrupts the driver between writing an event and acting on the event.
    """

    def __init__(self) -> None:
        self.count = 0
        self.exit_code = 0
        """Exit code for the last signal, by the convention of shells: 128 plus the signal's
        number. It is 0 before the first signal."""
        self._previous: dict[int, Any] = {}

    def __enter__(self) -> Self:
        """Install the handlers. Python allows this only in the main thread."""
        try:
            self._previous = {
                number: signal.signal(number, self._count)
                for number in SIGNALS
                # What the caller ignores stays ignored, such as SIGHUP under `nohup`.
                if signal.getsignal(number) is not signal.SIG_IGN
            }
        except ValueError:
            self._previous = {}
        return self

    def __exit__(self, *_: object) -> None:
        """Restore the previous handlers."""
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _count(self, number: int, _frame: FrameType | None) -> None:
        self.count += 1
        # SIGHUP means that the terminal was closed. The driver treats it like SIGTERM and exits
        # with SIGTERM's exit code, which the documentation promises for a terminated sweep.
        self.exit_code = 128 + (signal.SIGTERM if number == signal.SIGHUP else number)

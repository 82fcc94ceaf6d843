"""Signals to the driver: the first lets running trials finish, the second stops them now."""

import signal
from types import FrameType
from typing import Any, Self

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class SignalCounter:
    """Counts the signals that ask the driver to end, while it is entered as a context.

    The handler only counts. The driver looks at `count` once a turn, so that a signal never
    interrupts it between writing an event and acting on it.
    """

    def __init__(self) -> None:
        self.count = 0
        self.exit_code = 0
        """128 plus the number of the last signal, as shells have it; 0 before any."""
        self._previous: dict[int, Any] = {}

    def __enter__(self) -> Self:
        """Install the handlers, which Python allows only in the main thread."""
        try:
            self._previous = {number: signal.signal(number, self._count) for number in _SIGNALS}
        except ValueError:
            self._previous = {}
        return self

    def __exit__(self, *_: object) -> None:
        """Restore the previous handlers."""
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _count(self, number: int, _frame: FrameType | None) -> None:
        self.count += 1
        # SIGHUP means that the terminal is gone. That asks for the same as SIGTERM, and gets its
        # exit code, which the documentation promises for a terminated sweep.
        self.exit_code = 128 + (signal.SIGTERM if number == signal.SIGHUP else number)

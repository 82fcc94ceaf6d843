"""Signals to the driver: the first drains the sweep, the second stops it now."""

import signal
from types import FrameType
from typing import Any, Self

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupts:
    """Counts the signals that ask the driver to end, while it is entered."""

    def __init__(self) -> None:
        self.count = 0
        self.exit_code = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        """Catch the signals; outside the main thread, where none arrive, do nothing."""
        try:
            self._before = {number: signal.signal(number, self._caught) for number in _SIGNALS}
        except ValueError:
            self._before = {}
        return self

    def __exit__(self, *_: object) -> None:
        """Put back whatever handled the signals before."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _caught(self, number: int, _frame: FrameType | None) -> None:
        self.count += 1
        # The shell's convention; a lost terminal counts as a request to terminate.
        self.exit_code = 128 + (signal.SIGTERM if number == signal.SIGHUP else number)

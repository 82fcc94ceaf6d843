"""The drain of a sweep: no further trial starts, and the trials that run may finish.

A drain begins with a signal, at ``max_duration``, or when the machine refuses to run trials. It
ends with the last running trial, with the second signal, or after ``drain_timeout``.
"""

import time
from collections.abc import Callable

from ...plan.plan import Limits
from ..signals import SignalCounter


class Drain:
    """Decides when the drain begins, and when it stops the trials that still run."""

    def __init__(self, limits: Limits, notify: Callable[[str], None]) -> None:
        self.reason = ""
        """Why no further trials are opened or launched; empty while trials may still be opened."""
        self._timeout = float("inf") if limits.drain_timeout is None else limits.drain_timeout
        self._deadline = float("inf")
        """Monotonic time at which trials that still run are stopped."""
        self._notify = notify

    def update(self, signals: SignalCounter, deadline: float, *, refused: bool) -> None:
        """Begin to drain after a signal, at the sweep's deadline, or if the machine refuses."""
        if self.reason:
            return
        now = time.monotonic()
        if signals.count:
            self.reason = "interrupted"
            self._notify(
                "interrupted: waiting for running trials; interrupt again to stop them now"
            )
        elif now >= deadline:
            self.reason = "max_duration is over"
        elif refused:
            self.reason = "the machine refuses further trials"
        if self.reason:
            self._deadline = now + self._timeout

    def must_stop(self, signals: SignalCounter, *, busy: bool) -> bool:
        """Tell whether the trials that still run are to be stopped now, and say so."""
        over = busy and time.monotonic() >= self._deadline
        if signals.count > 1 or over:
            why = "" if signals.count > 1 else "drain_timeout is over: "
            self._notify(f"{why}stopping now; a resume runs the interrupted trials again")
        return signals.count > 1 or over

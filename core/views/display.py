"""Displays of a running sweep: live on a terminal, plain lines elsewhere, or quiet.

All are updated at every turn of the driver, up to a thousand times a second.
"""

import sys
import time
from collections.abc import Callable, Sequence
from typing import Protocol, Self, TypeAlias

from sweepwright.events import Failed, Lost, Measured, Stopped, StudyEvent

from ..driver.study import Study
from .formatting import beginning, ending, incumbent, progress
from .output import Saying, Write, complain, say

Clock: TypeAlias = Callable[[], float]

LINES_A_SECOND = 4
"""Where more trials end than this, plain output tells of them together."""


class SweepDisplay(Protocol):
    """A display that is opened before the sweep and closed after it."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def update(self, study: Study, events: Sequence[StudyEvent]) -> None:
        """Show what was journaled in a turn."""
        ...

    def say(self, line: str) -> None:
        """Show something that a person should know."""
        ...


def choose_display(*, quiet: bool) -> SweepDisplay:
    """Choose the display that suits standard output."""
    if quiet:
        return Quiet()
    if sys.stdout.isatty():
        from .live_display import Live  # noqa: PLC0415 - what draws on terminals is slow to import

        return Live()
    return Plain()


class Quiet:
    """Shows nothing but what a person should know, on standard error."""

    def __init__(self, write: Write | None = None) -> None:
        self._said = Saying(write or complain)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._said.flush()

    def update(self, study: Study, events: Sequence[StudyEvent]) -> None:  # noqa: ARG002 - quiet
        """Show nothing."""
        self._said.flush()

    def say(self, line: str) -> None:
        """Show a line."""
        self._said(line)


class Plain:
    """Prints a line for each trial that ends; at a high rate, one a second for many."""

    def __init__(self, write: Write | None = None, clock: Clock = time.monotonic) -> None:
        self._said = Saying(write or say)
        self._clock = clock
        self._second = clock()
        self._ended = self._printed = self._skipped = 0
        self._crowded = self._begun = False
        self._best: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._said.flush()

    def update(self, study: Study, events: Sequence[StudyEvent]) -> None:
        """Print what ended in this turn, as far as this second has room for it."""
        if not self._begun:
            self._begun = True
            self._said(beginning(study))
        for event in events:
            self._show(study, event)
        if self._clock() - self._second >= 1:
            self._turn_over(study)
        self._said.flush()

    def say(self, line: str) -> None:
        """Print a line."""
        self._said(line)

    def _show(self, study: Study, event: StudyEvent) -> None:
        self._ended += isinstance(event, Measured | Stopped | Failed | Lost)
        if self._crowded or self._printed >= LINES_A_SECOND:
            self._skipped += 1
        elif line := ending(study.plan, event):
            self._printed += 1
            self._said(line + self._praise(study, event))

    def _praise(self, study: Study, event: StudyEvent) -> str:
        best, self._best = self._best, study.incumbent[0] if study.incumbent else None
        is_news = self._best == event.trial.number and best != self._best
        return "  (best so far)" if is_news else ""

    def _turn_over(self, study: Study) -> None:
        """Begin a new second; tell of the trials that the last one had no line for."""
        now = self._clock()
        if self._skipped:
            rate = self._ended / (now - self._second)
            self._said(f"{progress(study)}, {rate:.0f} a second, {incumbent(study)}")
        self._crowded = self._ended > LINES_A_SECOND
        self._second = now
        self._ended = self._printed = self._skipped = 0

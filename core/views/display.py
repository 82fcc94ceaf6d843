"""Displays of a running sweep: live on a terminal, as plain lines elsewhere, or quiet.

The driver updates its display once per turn, up to a thousand times a second. An update must
therefore take far less than a millisecond.
"""

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Protocol, Self, TypeAlias

from sweepwright.events import Failed, Lost, Measured, Stopped, StudyEvent

from ..driver.study import Study
from .formatting import describe_waiting
from .output import LineWriter, WriteLine, echo, echo_error
from .progress import (
    describe_ending,
    describe_incumbent,
    describe_progress,
    describe_repeat,
    describe_start,
)

Clock: TypeAlias = Callable[[], float]

LINES_A_SECOND = 4
"""Largest number of trials per second for which plain output has one line per trial. At a higher
rate, plain output has one line per second.

A reader cannot follow more lines per second, and they would fill log files.
"""


class SweepDisplay(Protocol):
    """A display that is opened before the sweep begins and closed after the sweep ends."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def update(self, study: Study, events: Sequence[StudyEvent]) -> None:
        """Show the events that were journaled in a turn."""
        ...

    def notify(self, line: str) -> None:
        """Show a message that the user should see in every kind of display."""
        ...


def choose_display(*, quiet: bool) -> SweepDisplay:
    """Choose the display: quiet, live if standard output is a terminal, or plain."""
    if quiet:
        return QuietDisplay()
    if sys.stdout.isatty():
        from .live_display import LiveDisplay  # noqa: PLC0415 - rich is slow to import

        return LiveDisplay()
    return PlainDisplay()


class QuietDisplay:
    """Shows only messages, on standard error."""

    def __init__(self, write: WriteLine | None = None) -> None:
        self._writer = LineWriter(write or echo_error)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.flush()

    def update(self, study: Study, events: Sequence[StudyEvent]) -> None:  # noqa: ARG002 - quiet
        """Show no progress."""
        self._writer.flush()

    def notify(self, line: str) -> None:
        """Print a message."""
        self._writer.write(line)


class PlainDisplay:
    """Prints one line per trial that ends, or one line per second if trials end at a high rate.

    When a trial begins to measure an assignment again, a line has the reason.
    """

    def __init__(self, write: WriteLine | None = None, clock: Clock = time.monotonic) -> None:
        self._writer = LineWriter(write or echo)
        self._clock = clock
        self._started = False
        self._best_trial: int | None = None
        # The rate is limited per second. A second is crowded if more trials ended in this second
        # than may be printed. The second after a crowded second is treated as crowded from its
        # start: no trial is printed, and one line at its end describes all of its trials.
        self._second = clock()
        self._crowded = False
        self._ended = self._printed = self._skipped = 0
        self._told_waits: set[str] = set()
        """What trials wait for, as far as it was printed."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.flush()

    def update(self, study: Study, events: Sequence[StudyEvent]) -> None:
        """Print the trials that ended in this turn, as many as the rate allows."""
        if not self._started:
            self._started = True
            self._writer.write(describe_start(study))
        for event in events:
            self._print(study, event)
        if self._clock() - self._second >= 1:
            self._begin_second(study)
        self._writer.flush()

    def notify(self, line: str) -> None:
        """Print a message."""
        self._writer.write(line)

    def _print(self, study: Study, event: StudyEvent) -> None:
        self._ended += isinstance(event, Measured | Stopped | Failed | Lost)
        if self._crowded or self._printed >= LINES_A_SECOND:
            self._skipped += 1
        elif line := describe_repeat(event):
            self._printed += 1
            self._writer.write(line)
        elif line := describe_ending(study, event):
            self._printed += 1
            self._writer.write(line + self._mark_best(study, event))

    def _mark_best(self, study: Study, event: StudyEvent) -> str:
        before = self._best_trial
        self._best_trial = study.values.best[0] if study.values.best else None
        # A repeat may make the assignment of its first trial the best.
        first = study.values.repeats.first(event.trial.number)
        is_new_best = self._best_trial == first and before != self._best_trial
        return "  (best so far)" if is_new_best else ""

    def _begin_second(self, study: Study) -> None:
        """Print one line for the trials that the last second skipped, and reset the counts."""
        now = self._clock()
        if self._skipped:
            rate = self._ended / (now - self._second)
            self._writer.write(
                f"{describe_progress(study)}, {rate:.0f} a second, {describe_incumbent(study)}"
            )
        self._print_waits(study)
        self._crowded = self._ended > LINES_A_SECOND
        self._second = now
        self._ended = self._printed = self._skipped = 0

    def _print_waits(self, study: Study) -> None:
        """Say what trials wait for, once for each thing, while no trial ends."""
        numbers: dict[str, list[int]] = defaultdict(list)
        for number, running in study.running.items():
            if running.waiting_for:
                numbers[running.waiting_for].append(number)
        for wants in numbers.keys() - self._told_waits if not self._ended else ():
            self._writer.write(describe_waiting(numbers[wants], wants))
            self._told_waits.add(wants)
        self._told_waits &= numbers.keys()

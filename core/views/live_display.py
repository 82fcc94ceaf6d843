"""Live display: progress, rate, best result and running trials, redrawn on a terminal."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Self

from rich import live
from rich.console import Console, Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from sweepwright.events import Measured, Started, StudyEvent, Trial

from ..driver.study import Study
from ..plan.redaction import mask_text
from .formatting import format_assignment, format_budget, format_duration
from .output import LineWriter, escape_controls
from .progress import (
    count_ended,
    describe_ending,
    describe_incumbent,
    describe_progress,
    describe_start,
)

REDRAW_SECONDS = 0.25
"""Time between two redraws. A redraw takes milliseconds, and nobody can read faster changes."""
RATE_SECONDS = 10.0
"""Length of the time window over which the rate is averaged."""
MOST_RUNNING = 8
"""Largest number of running trials that are shown with a line each."""
BAR_WIDTH = 30


class LiveDisplay:
    """Redraws a few lines at the bottom of the terminal. Failures and messages stay above them."""

    def __init__(
        self, console: Console | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._console = console or Console(highlight=False)
        # The driver's turns trigger the redraws. rich has a refresh thread for this purpose, but a
        # forked child process inherits locks that a thread holds, so the thread would have to be
        # stopped before each fork.
        self._live = live.Live(console=self._console, auto_refresh=False, transient=True)
        self._writer = LineWriter(self._print_above)
        self._clock = clock
        self._drawn_at = float("-inf")
        self._started = False
        self._ended_by_time: deque[tuple[float, int]] = deque()
        self._running_since: dict[int, float] = {}
        self._best_trial: int | None = None
        self._best_assignment = ""

    def __enter__(self) -> Self:
        self._writer.exclusively(self._live.start)
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.flush()
        self._writer.exclusively(self._live.stop)

    def update(self, study: Study, events: Sequence[StudyEvent]) -> None:
        """Record the events of a turn, and redraw if `REDRAW_SECONDS` have passed."""
        now = self._clock()
        if not self._started:
            self._started = True
            self._writer.write(describe_start(study))
        for event in events:
            self._take_in(study, event, now)
        if now - self._drawn_at >= REDRAW_SECONDS:
            self._drawn_at = now
            self._writer.flush()
            self._writer.exclusively(lambda: self._draw(study, now))

    def notify(self, line: str) -> None:
        """Print a message above the redrawn lines."""
        self._writer.write(line)

    def _take_in(self, study: Study, event: StudyEvent, now: float) -> None:
        trial = event.trial
        if isinstance(event, Started):
            self._running_since[trial.number] = now
        elif isinstance(event, Measured):
            self._running_since.pop(trial.number, None)
            self._note_best(study, trial)
        elif line := describe_ending(study, event):
            self._running_since.pop(trial.number, None)
            self._writer.write(line)

    def _note_best(self, study: Study, trial: Trial) -> None:
        """Keep the assignment of the best trial, for which a study has no memory."""
        best = study.values.best and study.values.best[0]
        if best == study.values.repeats.first(trial.number):
            self._best_assignment = format_assignment(trial.assignment)
        elif best != self._best_trial:
            # The measurement of a repeat has made the assignment of an earlier trial the best.
            self._best_assignment = ""
        self._best_trial = best

    def _draw(self, study: Study, now: float) -> None:
        best = f"{describe_incumbent(study)}  {self._best_assignment}"
        lines: list[RenderableType] = [
            self._progress_row(study, now),
            _cut_text(best),
            *(_cut_text(f"rungs  {line}") for line in study.rungs.lines()),
            *self._running_lines(study, now),
        ]
        self._live.update(Group(*lines), refresh=True)

    def _progress_row(self, study: Study, now: float) -> Table:
        row = Table.grid(padding=(0, 2))
        ended, most, rate = count_ended(study), study.plan.most_trials, self._rate(study, now)
        left = (most - ended) / rate if most is not None and rate else None
        row.add_row(
            ProgressBar(total=most, completed=ended, width=BAR_WIDTH, pulse=most is None),
            Text(describe_progress(study)),
            Text(f"{rate:.3g} a second"),
            Text("" if left is None else f"{format_duration(max(0.0, left))} left"),
        )
        return row

    def _rate(self, study: Study, now: float) -> float:
        """Return the average number of trials that ended per second in the last `RATE_SECONDS`."""
        self._ended_by_time.append((now, count_ended(study)))
        while now - self._ended_by_time[0][0] > RATE_SECONDS:
            self._ended_by_time.popleft()
        (then, before), (_, after) = self._ended_by_time[0], self._ended_by_time[-1]
        return (after - before) / (now - then) if now > then else 0.0

    def _running_lines(self, study: Study, now: float) -> Iterator[Text]:
        trials = list(study.running.items())
        for number, running in trials[:MOST_RUNNING]:
            since = self._running_since.get(number)
            if running.waiting_for:
                state = f"waiting for {running.waiting_for}"
            elif since is not None:
                where = f" on {running.machines}" if running.machines else ""
                state = f"running{where} for {format_duration(now - since)}"
            else:
                state = "starting"
            budget = format_budget(study.plan, running.trial.budget)
            target = f", up to {budget}" if budget else ""
            attempt = f"  attempt {running.attempt}" if running.attempt > 1 else ""
            first = study.values.repeats.first(number)
            again = f", trial {first} again" if first != number else ""
            why = f" ({running.reason})" if running.reason else ""
            assignment = format_assignment(running.trial.assignment)
            line = f"  trial {number:<5} {state}{target}{again}{why}{attempt}  {assignment}"
            yield _cut_text(line, style="dim")
        if len(trials) > MOST_RUNNING:
            yield Text(f"  and {len(trials) - MOST_RUNNING} more", style="dim")

    def _print_above(self, line: str) -> None:
        self._console.print(Text(line), soft_wrap=True)


def _cut_text(line: str, style: str = "") -> Text:
    """Return a line as the terminal may show it, cut at the terminal's width."""
    return Text(escape_controls(mask_text(line)), overflow="ellipsis", no_wrap=True, style=style)

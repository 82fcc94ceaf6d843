"""The live display: progress, rate, best so far and what runs, redrawn on a terminal."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Self

from rich import live
from rich.console import Console, Group
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from sweepwright.events import Measured, Started, StudyEvent

from ..driver.study import Study
from .formatting import (
    beginning,
    duration,
    ending,
    finished,
    incumbent,
    parameters,
    progress,
    spent,
)
from .output import Saying

REDRAW_SECONDS = 0.25
"""Drawing costs milliseconds, and nobody reads faster."""
RATE_SECONDS = 10.0
"""How far back the rate looks."""
MOST_RUNNING = 8
"""How many of the running trials have a line of their own."""
_BAR = 30


class Live:
    """Redraws a few lines at the foot of the terminal; failures stay above them."""

    def __init__(
        self, console: Console | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._console = console or Console(highlight=False)
        # Drawn by the driver's own turns: a thread here would have to be told of every fork.
        self._live = live.Live(console=self._console, auto_refresh=False, transient=True)
        self._said = Saying(self._write)
        self._clock = clock
        self._drawn = float("-inf")
        self._begun = False
        self._pace: deque[tuple[float, int]] = deque()
        self._since: dict[int, float] = {}
        self._best = ""

    def __enter__(self) -> Self:
        self._said.alone(self._live.start)
        return self

    def __exit__(self, *_: object) -> None:
        self._said.flush()
        self._said.alone(self._live.stop)

    def update(self, study: Study, events: Sequence[StudyEvent]) -> None:
        """Take in what was journaled, and redraw when it is time."""
        now = self._clock()
        if not self._begun:
            self._begun = True
            self._said(beginning(study))
        for event in events:
            self._note(study, event, now)
        if now - self._drawn >= REDRAW_SECONDS:
            self._drawn = now
            self._said.flush()
            self._said.alone(lambda: self._draw(study, now))

    def say(self, line: str) -> None:
        """Print a line above the redrawn ones."""
        self._said(line)

    def _note(self, study: Study, event: StudyEvent, now: float) -> None:
        trial = event.trial
        if isinstance(event, Started):
            self._since[trial.number] = now
        elif line := ending(study.plan, event):
            self._since.pop(trial.number, None)
            if not isinstance(event, Measured):
                self._said(line)
            elif study.incumbent and study.incumbent[0] == trial.number:
                self._best = parameters(trial.assignment)

    def _draw(self, study: Study, now: float) -> None:
        best = Text(f"{incumbent(study)}  {self._best}", overflow="ellipsis", no_wrap=True)
        rungs = [Text(f"rungs  {line}") for line in study.rungs.lines()]
        shown = Group(self._progress(study, now), best, *rungs, *self._running(study, now))
        self._live.update(shown, refresh=True)

    def _progress(self, study: Study, now: float) -> Table:
        row = Table.grid(padding=(0, 2))
        done, most, rate = finished(study), study.plan.most_trials, self._rate(study, now)
        left = (most - done) / rate if most is not None and rate else None
        row.add_row(
            ProgressBar(total=most, completed=done, width=_BAR, pulse=most is None),
            Text(progress(study)),
            Text(f"{rate:.3g} a second"),
            Text("" if left is None else f"{duration(max(0.0, left))} left"),
        )
        return row

    def _rate(self, study: Study, now: float) -> float:
        self._pace.append((now, finished(study)))
        while now - self._pace[0][0] > RATE_SECONDS:
            self._pace.popleft()
        (then, before), (_, after) = self._pace[0], self._pace[-1]
        return (after - before) / (now - then) if now > then else 0.0

    def _running(self, study: Study, now: float) -> Iterator[Text]:
        under_way = list(study.running.items())
        for number, running in under_way[:MOST_RUNNING]:
            since = self._since.get(number)
            if since is not None:
                does = f"runs for {duration(now - since)}"
            else:
                does = f"waits for {running.waiting_for}" if running.waiting_for else "starts"
            to = spent(study.plan, running.trial.budget)
            again = f"  attempt {running.attempt}" if running.attempt > 1 else ""
            yield Text(
                f"  trial {number:<5} {does}{to and f', to {to}'}{again}"
                f"  {parameters(running.trial.assignment)}",
                overflow="ellipsis",
                no_wrap=True,
                style="dim",
            )
        if len(under_way) > MOST_RUNNING:
            yield Text(f"  and {len(under_way) - MOST_RUNNING} more", style="dim")

    def _write(self, line: str) -> None:
        self._console.print(Text(line), soft_wrap=True)

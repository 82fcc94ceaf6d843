"""Simulates a tuner with budgets on learning curves, on a virtual clock with many workers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import inf
from time import process_time
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from .budgeted_tuner import BudgetedTuner, Segment
from .curves import Curves, Floats, Stretch
from .utilisation import Span

Indices: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Run:
    """A segment on a worker."""

    segment: Segment
    begun: float
    pace: float
    """Duration of each unit."""
    shown: Stretch

    @property
    def over(self) -> float:
        """Time of its end."""
        return self.begun + self.pace * (self.segment.end - self.segment.begin)

    @property
    def moments(self) -> Floats:
        """Time of the end of each unit."""
        units: Floats = np.arange(1.0, self.segment.end - self.segment.begin + 1)
        return self.begun + self.pace * units


@dataclass
class Simulation:
    """The state and results of a simulation."""

    runs: list[Run] = field(default_factory=list)
    """All segments in the order of their starts, running ones included."""
    now: float = 0.0
    trials: int = 0
    """Number of trials that have begun."""
    spent: int = 0
    """Units of all segments that have ended."""
    heard: float = inf
    """Lowest observed loss of all segments that have ended."""
    incumbent: float = inf
    """The same without noise."""
    cpu_seconds: float = 0.0
    """CPU time of all calls of `ask` and `tell`."""

    def begin(self, run: Run) -> None:
        """Record the start of a segment."""
        self.runs.append(run)
        self.trials += run.segment.begin == 0

    def end(self, run: Run) -> None:
        """Record the end of a segment."""
        self.now = run.over
        self.spent += run.segment.end - run.segment.begin
        best = run.shown.heard.argmin()
        if run.shown.heard[best] < self.heard:
            self.heard = float(run.shown.heard[best])
            self.incumbent = float(run.shown.truth[best])

    @property
    def spans(self) -> list[Span]:
        """All periods in which a worker was busy."""
        return [
            Span(run.begun, run.over, begins_trial=run.segment.begin == 0) for run in self.runs
        ]


Until = Callable[[Simulation], bool]
"""Decides whether to end the simulation; called whenever a segment has ended."""


def simulate(tuner: BudgetedTuner, curves: Curves, workers: int, until: Until) -> Simulation:
    """Keep all workers busy, as far as the tuner suggests segments, until `until` says to end."""
    played = Simulation()
    running: list[tuple[float, int, Run]] = []
    while True:
        before = process_time()
        segments = tuner.ask(workers - len(running))
        played.cpu_seconds += process_time() - before
        for segment in segments:
            run = begun(segment, curves, played.now)
            heappush(running, (run.over, len(played.runs), run))
            played.begin(run)
        if not running:
            return played
        _, _, run = heappop(running)
        played.end(run)
        before = process_time()
        tuner.tell(run.segment, float(run.shown.heard[-1]))
        played.cpu_seconds += process_time() - before
        if until(played):
            return played


def begun(segment: Segment, curves: Curves, now: float) -> Run:
    """Start a segment on a worker."""
    shown = curves.stretch(segment.values, segment.begin, segment.end)
    return Run(segment, now, curves.pace(segment.values), shown)


class Trace:
    """The incumbent of a simulation, unit by unit in the order in which all workers spent them.

    The incumbent is the trial with the lowest loss so far, after any unit; its value is the loss
    that it had then, without noise.
    """

    def __init__(self, played: Simulation) -> None:
        when = np.concatenate([run.moments for run in played.runs])
        order = np.argsort(when, kind="stable")[: np.count_nonzero(when <= played.now)]
        self.moments: Floats = when[order]
        """When each unit ended."""
        heard = np.concatenate([run.shown.heard for run in played.runs])[order]
        truth = np.concatenate([run.shown.truth for run in played.runs])[order]
        self.incumbent: Floats = truth[_holders(heard)]
        """The incumbent's value after each unit."""

    def reached(self, target: float, within: int) -> int | None:
        """Return after how many units the incumbent reaches a target, None for never."""
        good = np.flatnonzero(self.incumbent[:within] <= target)
        return int(good[0]) + 1 if len(good) else None


def _holders(heard: Floats) -> Indices:
    """Return, for each position, the first position of the lowest value up to it."""
    lowest = np.minimum.accumulate(heard)
    first = np.concatenate([[True], lowest[1:] < lowest[:-1]])
    return np.maximum.accumulate(np.where(first, np.arange(len(heard)), 0))

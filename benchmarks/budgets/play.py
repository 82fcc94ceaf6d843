"""Play a tuner with budgets on learning curves, on a virtual clock with any number of workers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import inf
from time import process_time
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from .busy import Span
from .contender import Contender, Leg
from .curves import Curves, Floats, Stretch

Indices: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Run:
    """A leg on a worker."""

    leg: Leg
    begun: float
    pace: float
    """How long each unit takes."""
    shown: Stretch

    @property
    def over(self) -> float:
        """When it ends."""
        return self.begun + self.pace * (self.leg.end - self.leg.begin)

    @property
    def moments(self) -> Floats:
        """When each of its units ends."""
        units: Floats = np.arange(1.0, self.leg.end - self.leg.begin + 1)
        return self.begun + self.pace * units


@dataclass
class Played:
    """What came of a race so far."""

    runs: list[Run] = field(default_factory=list)
    """All legs in the order of their starts, those under way included."""
    now: float = 0.0
    trials: int = 0
    """How many have begun."""
    spent: int = 0
    """Units of all legs that have ended."""
    heard: float = inf
    """The lowest loss of all legs that have ended."""
    incumbent: float = inf
    """The same without noise."""
    cpu_seconds: float = 0.0
    """What asking and telling took."""

    def begin(self, run: Run) -> None:
        """Enter the start of a leg."""
        self.runs.append(run)
        self.trials += run.leg.begin == 0

    def end(self, run: Run) -> None:
        """Enter the end of a leg."""
        self.now = run.over
        self.spent += run.leg.end - run.leg.begin
        best = run.shown.heard.argmin()
        if run.shown.heard[best] < self.heard:
            self.heard = float(run.shown.heard[best])
            self.incumbent = float(run.shown.truth[best])

    @property
    def spans(self) -> list[Span]:
        """All that workers did."""
        return [Span(run.begun, run.over, begins_trial=run.leg.begin == 0) for run in self.runs]


Until = Callable[[Played], bool]
"""Tells whether to end the race; called whenever a leg has ended."""


def play(contender: Contender, curves: Curves, workers: int, until: Until) -> Played:
    """Keep all workers busy as far as the tuner does, until told, or until it has no more."""
    played = Played()
    running: list[tuple[float, int, Run]] = []
    while True:
        before = process_time()
        legs = contender.ask(workers - len(running))
        played.cpu_seconds += process_time() - before
        for leg in legs:
            run = begun(leg, curves, played.now)
            heappush(running, (run.over, len(played.runs), run))
            played.begin(run)
        if not running:
            return played
        _, _, run = heappop(running)
        played.end(run)
        before = process_time()
        contender.tell(run.leg, float(run.shown.heard[-1]))
        played.cpu_seconds += process_time() - before
        if until(played):
            return played


def begun(leg: Leg, curves: Curves, now: float) -> Run:
    """Put a leg on a worker."""
    shown = curves.stretch(leg.values, leg.begin, leg.end)
    return Run(leg, now, curves.pace(leg.values), shown)


class Trace:
    """The incumbent of a race, unit by unit in the order in which all workers spent them.

    The incumbent is the trial that has shown the lowest loss so far, after whichever unit; its
    value is the loss it had then, without noise.
    """

    def __init__(self, played: Played) -> None:
        when = np.concatenate([run.moments for run in played.runs])
        order = np.argsort(when, kind="stable")[: np.count_nonzero(when <= played.now)]
        self.moments: Floats = when[order]
        """When each unit ended."""
        heard = np.concatenate([run.shown.heard for run in played.runs])[order]
        truth = np.concatenate([run.shown.truth for run in played.runs])[order]
        self.incumbent: Floats = truth[_holders(heard)]
        """The incumbent's value after each unit."""

    def reached(self, target: float, within: int) -> int | None:
        """Return after how many units the incumbent is as good as a target, None for never."""
        good = np.flatnonzero(self.incumbent[:within] <= target)
        return int(good[0]) + 1 if len(good) else None


def _holders(heard: Floats) -> Indices:
    """Tell for each place where the lowest value up to there stands first."""
    lowest = np.minimum.accumulate(heard)
    first = np.concatenate([[True], lowest[1:] < lowest[:-1]])
    return np.maximum.accumulate(np.where(first, np.arange(len(heard)), 0))

"""The trials of a sweep as arrays, and their order by loss, overall and by branch."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from sweepwright.events import Event, Failed, Lost, Measured, Opened, Start, Stopped
from sweepwright.space import SearchSpace

from .axes import Axes, Floats

Places = NDArray[np.intp]


class Ranking:
    """Trials sorted by loss, best first; of equal losses, the earlier entry first."""

    def __init__(self) -> None:
        self.trials: list[int] = []
        """Places of the trials among all, best first."""
        self._losses: list[float] = []

    def __len__(self) -> int:
        """Count the trials."""
        return len(self.trials)

    def add(self, trial: int, loss: float) -> None:
        """Insert a trial behind those of equal loss."""
        rank = bisect_right(self._losses, loss)
        self._losses.insert(rank, loss)
        self.trials.insert(rank, trial)

    def remove(self, trial: int, loss: float) -> None:
        """Remove a trial that was entered with this loss."""
        rank = self.trials.index(trial, bisect_left(self._losses, loss))
        del self._losses[rank], self.trials[rank]

    def better_than(self, loss: float) -> int:
        """Count the trials whose loss is below the given one."""
        return bisect_left(self._losses, loss)


class Trials:
    """Points and results of trials, by index in the order in which they were opened.

    A trial is pending until it ends; one that ended without a value has an infinite loss. If a
    trial is measured again, at a larger budget, its last measurement replaces earlier ones.

    Invariants: each opened trial is in exactly one of `pending` and `ranking`. If there is a
    selector, each trial of `ranking` is in exactly one ranking of `branches` as well.
    """

    def __init__(self, space: SearchSpace, axes: Axes, selector: int | None = None) -> None:
        self._space = space
        self._axes = axes
        self.selector = selector
        """Column of the choice by whose options trials are told apart, None for no such choice."""
        self._places: dict[int, int] = {}
        self._losses: dict[int, float] = {}
        self._points = np.empty((64, len(axes)))
        self._bins = np.empty((64, len(axes)))
        self.tried: set[bytes] = set()
        """The rows of values that trials had, as bytes."""
        self.pending: dict[int, None] = {}
        """Places of the trials that have not ended, in the order in which they were opened."""
        self.ranking = Ranking()
        """Those that have."""
        self.branches: dict[int, Ranking] = {}
        """Those of each option of the selector that was ever taken."""

    def __len__(self) -> int:
        """Count the opened trials."""
        return len(self._places)

    def __contains__(self, number: int) -> bool:
        """Tell whether a trial was opened."""
        return number in self._places

    def tell(self, event: Event) -> None:
        """Record an event of a trial."""
        match event:
            case Opened(trial, Start()):
                self._open(trial.number, self._space.encode([trial.assignment]))
            case Measured(trial, value):
                self._end(trial.number, value)
            case Stopped(trial, value):
                self._end(trial.number, math.inf if value is None else value)
            case Failed(trial) | Lost(trial):
                self._end(trial.number, math.inf)

    def row(self, number: int) -> tuple[Floats, Floats]:
        """Return the point of a trial and the widths of its values' bins; shapes (d,)."""
        place = self._places[number]
        return self._points[place], self._bins[place]

    def enter(self, number: int, point: Floats, bins: Floats) -> None:
        """Open a trial, given its point and the widths of its values' bins; shapes (d,)."""
        place = len(self)
        if place == len(self._points):
            # Doubling makes the cost of an entry constant on average.
            self._points, self._bins = _doubled(self._points), _doubled(self._bins)
        self._points[place], self._bins[place] = point, bins
        self._places[number] = place
        self.pending[place] = None

    def points(self, places: Iterable[int]) -> Floats:
        """Return the points of some trials, shape (number of trials, d)."""
        return self._points[list(places)]

    def bins(self, places: Iterable[int]) -> Floats:
        """Return the widths of their values' bins, of the same shape."""
        return self._bins[list(places)]

    def losses(self, places: Iterable[int]) -> Floats:
        """Return the losses of some trials that ended."""
        return np.array([self._losses[place] for place in places])

    def options(self, places: Iterable[int]) -> Places:
        """Return the option of the selector that each of some trials has."""
        return self._points[list(places), self.selector].astype(int)

    def _open(self, number: int, values: Floats) -> None:
        self.enter(number, self._axes.points(values)[0], self._axes.bins(values)[0])
        self.tried.add(values.tobytes())

    def _end(self, number: int, loss: float) -> None:
        place = self._places[number]
        for ranking in self._rankings(place):
            # Measured before, at a smaller budget.
            if place in self._losses:
                ranking.remove(place, self._losses[place])
            ranking.add(place, loss)
        self._losses[place] = loss
        self.pending.pop(place, None)

    def _rankings(self, place: int) -> list[Ranking]:
        if self.selector is None:
            return [self.ranking]
        option = int(self._points[place, self.selector])
        return [self.ranking, self.branches.setdefault(option, Ranking())]


def _doubled(rows: Floats) -> Floats:
    return np.concatenate([rows, np.empty_like(rows)])

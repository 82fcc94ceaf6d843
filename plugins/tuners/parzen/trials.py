"""The trials of a sweep as columns, and their order by loss, overall and branch by branch."""

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from sweepwright.events import Event, Failed, Lost, Measured, Opened, Start, Stopped
from sweepwright.space import SearchSpace

from .axes import Axes, Floats
from .ranking import Ranking

Places = NDArray[np.intp]


class Trials:
    """Points of trials in the order in which they were opened, and what became of them.

    A trial is pending until it ends; one that ended without a value has an infinite loss. Of a
    trial that is measured again, at a larger budget, the last measurement counts.
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
        """Count the trials that were opened."""
        return len(self._places)

    def __contains__(self, number: int) -> bool:
        """Tell whether a trial was opened."""
        return number in self._places

    def tell(self, event: Event) -> None:
        """Take in what happened to a trial."""
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
        """Return the point of a trial, and how wide the bins of its values are; shapes (d,)."""
        place = self._places[number]
        return self._points[place], self._bins[place]

    def enter(self, number: int, point: Floats, bins: Floats) -> None:
        """Open a trial whose point is known, and the bins of its values; shapes (d,)."""
        place = len(self)
        if place == len(self._points):
            self._points, self._bins = _doubled(self._points), _doubled(self._bins)
        self._points[place], self._bins[place] = point, bins
        self._places[number] = place
        self.pending[place] = None

    def points(self, places: Iterable[int]) -> Floats:
        """Return the points of some trials, shape (number of places, d)."""
        return self._points[list(places)]

    def bins(self, places: Iterable[int]) -> Floats:
        """Return how wide the bins of their values are, of the same shape."""
        return self._bins[list(places)]

    def losses(self, places: Iterable[int]) -> Floats:
        """Return the losses of some trials that ended."""
        return np.array([self._losses[place] for place in places])

    def options(self, places: Iterable[int]) -> Places:
        """Return the option of the selector that each of some trials took."""
        return self._points[list(places), self.selector].astype(int)

    def _open(self, number: int, values: Floats) -> None:
        self.enter(number, self._axes.points(values)[0], self._axes.bins(values)[0])
        self.tried.add(values.tobytes())

    def _end(self, number: int, loss: float) -> None:
        place = self._places[number]
        for ranking in self._rankings(place):
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

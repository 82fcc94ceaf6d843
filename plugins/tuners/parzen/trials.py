"""The trials of a sweep as arrays, and their rankings by loss: overall, and for each branch."""

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
    """Trials sorted by loss, best first. Trials of equal loss are in the order of their entry."""

    def __init__(self) -> None:
        self.trials: list[int] = []
        """Places of the trials in the arrays, best first."""
        self._losses: list[float] = []

    def __len__(self) -> int:
        """Count the trials."""
        return len(self.trials)

    def add(self, trial: int, loss: float) -> None:
        """Insert a trial behind the trials with the same or a smaller loss."""
        rank = bisect_right(self._losses, loss)
        self._losses.insert(rank, loss)
        self.trials.insert(rank, trial)

    def remove(self, trial: int, loss: float) -> None:
        """Remove a trial that was added with this loss."""
        rank = self.trials.index(trial, bisect_left(self._losses, loss))
        del self._losses[rank], self.trials[rank]

    def better_than(self, loss: float) -> int:
        """Count the trials with a smaller loss."""
        return bisect_left(self._losses, loss)


class Trials:
    """Points and results of trials. The place of a trial is its index in the order of opening.

    A trial is pending until it ends. If it ends without a value, its loss is infinite. If a trial
    is measured again at a larger budget, the last measurement replaces earlier ones.

    Invariants: each opened trial is in exactly one of `pending` and `ranking`. If there is a
    selector, each trial of `ranking` is also in exactly one ranking of `branches`.
    """

    def __init__(self, space: SearchSpace, axes: Axes, selector: int | None = None) -> None:
        self._space = space
        self._axes = axes
        self.selector = selector
        """Column of the choice whose options are the branches; None if there is no such choice."""
        self._places: dict[int, int] = {}
        self._losses: dict[int, float] = {}
        self._points = np.empty((64, len(axes)))
        self._bins = np.empty((64, len(axes)))
        self.tried: set[bytes] = set()
        """Rows of values of all opened trials, as bytes."""
        self.pending: dict[int, None] = {}
        """Places of the trials that have not ended, in the order of opening."""
        self.ranking = Ranking()
        """Ranking of the trials that have ended."""
        self.branches: dict[int, Ranking] = {}
        """Mapping from the index of an option of the selector to the ranking of its ended
        trials."""

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
        """Return the point of a trial and the widths of its values' bins, shape (d,) each."""
        place = self._places[number]
        return self._points[place], self._bins[place]

    def enter(self, number: int, point: Floats, bins: Floats) -> None:
        """Open a trial.

        `point` and `bins`, which are the widths of its values' bins, have the shape (d,).
        """
        place = len(self)
        if place == len(self._points):
            # Doubling the arrays makes the cost of an entry constant on average.
            self._points, self._bins = _doubled(self._points), _doubled(self._bins)
        self._points[place], self._bins[place] = point, bins
        self._places[number] = place
        self.pending[place] = None

    def points(self, places: Iterable[int]) -> Floats:
        """Return the points of the trials at some places, shape (number of places, d)."""
        return self._points[list(places)]

    def bins(self, places: Iterable[int]) -> Floats:
        """Return the bin widths of the trials at some places, shape (number of places, d)."""
        return self._bins[list(places)]

    def losses(self, places: Iterable[int]) -> Floats:
        """Return the losses of the trials at some places; the trials must have ended."""
        return np.array([self._losses[place] for place in places])

    def options(self, places: Iterable[int]) -> Places:
        """Return the index of the selector's option for the trials at some places."""
        return self._points[list(places), self.selector].astype(int)

    def _open(self, number: int, values: Floats) -> None:
        self.enter(number, self._axes.points(values)[0], self._axes.bins(values)[0])
        self.tried.add(values.tobytes())

    def _end(self, number: int, loss: float) -> None:
        place = self._places[number]
        for ranking in self._rankings(place):
            # The trial was measured before, at a smaller budget.
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

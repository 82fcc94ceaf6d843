"""The trials of a sweep as arrays, and their rankings by loss: overall, and for each branch."""

import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from sweepwright.events import Event, Failed, Lost, Measured, Opened, Reported, Start, Stopped
from sweepwright.space import SearchSpace

from .axes import Axes, Floats, Mask

Places = NDArray[np.intp]


_MOST_TOLD = 1000
"""Number of events that may wait until they are entered. It bounds the memory that they take."""


class Ranking:
    """Trials sorted by loss, best first. Trials of equal loss are in the order of their entry."""

    def __init__(self) -> None:
        self.trials = array("i")
        """Places of the trials in the arrays, best first."""
        self._losses = array("d")

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


class RowHashes:
    """A set of rows that takes eight bytes a row; it may take another row for one of its own.

    The hash does not depend on the process, so a replay makes the same mistakes. A mistake means
    that a new row counts as tried, and happens to one of about 10**15 candidates of a sweep of
    10,000 trials.
    """

    def __init__(self) -> None:
        self._hashes = array("Q")

    def add(self, row: bytes) -> None:
        """Add a row."""
        self._hashes.append(_hash(row))

    def __contains__(self, row: object) -> bool:
        """Tell whether a row was added."""
        hashes = np.frombuffer(self._hashes, dtype=np.uint64)
        return isinstance(row, bytes) and bool((hashes == _hash(row)).any())


def _hash(row: bytes) -> int:
    return int.from_bytes(blake2b(row, digest_size=8).digest(), "little")


class Trials:
    """Points and results of trials. The place of a trial is its index in the order of opening.

    A trial is pending until it ends. If it ends without a value, its loss is infinite. If a trial
    is measured again at a larger budget, the last measurement replaces earlier ones.

    Events are entered when the trials are next read, so that the assignments of all trials that
    were opened since are encoded together. A resume tells thousands of events in a row, and to
    encode one assignment takes almost as long as to encode a thousand. The points do not depend on
    which assignments are encoded together.

    Invariants: each opened trial is in exactly one of `pending` and `ranking`. If there is a
    selector, each trial of `ranking` is also in exactly one ranking of `branches`.
    """

    def __init__(self, space: SearchSpace, axes: Axes, selector: int | None = None) -> None:
        self._space = space
        self._axes = axes
        self.selector = selector
        """Column of the choice whose options are the branches; None if there is no such choice."""
        self._told: list[Event] = []
        """Events that are not entered yet."""
        self._places: dict[int, int] = {}
        """Mapping from number to place of the trials for which the two differ."""
        self._numbers = array("i")
        """Numbers of the trials, by place."""
        self._losses = array("d")
        """Losses of the trials, by place; NaN until a trial ends."""
        self._measured = bytearray()
        """Whether the loss of a trial is its own measurement, by place."""
        self._stepped = axes.stepped
        self._points = np.empty((64, len(axes)))
        self._bins = np.empty((64, len(self._stepped)))
        """Bin widths in the columns of `_stepped`; in the others they are 0."""
        self._tried: set[bytes] | RowHashes = set() if space.size else RowHashes()
        self._pending: dict[int, None] = {}
        self._ended = array("i")
        self._replaced = 0
        self._ranking = Ranking()
        self._branches: dict[int, Ranking] = {}

    def __len__(self) -> int:
        """Count the opened trials."""
        self._enter_told()
        return len(self._numbers)

    def __contains__(self, number: int) -> bool:
        """Tell whether a trial was opened."""
        self._enter_told()
        return self._place(number) is not None

    @property
    def tried(self) -> "set[bytes] | RowHashes":
        """Rows of values of all opened trials, as bytes."""
        self._enter_told()
        return self._tried

    @property
    def pending(self) -> dict[int, None]:
        """Places of the trials that have not ended, in the order of opening."""
        self._enter_told()
        return self._pending

    @property
    def ended(self) -> "array[int]":
        """Places of the trials that have ended, in the order in which they first ended."""
        self._enter_told()
        return self._ended

    @property
    def replaced(self) -> int:
        """Number of losses that later measurements replaced."""
        self._enter_told()
        return self._replaced

    @property
    def ranking(self) -> Ranking:
        """Ranking of the trials that have ended."""
        self._enter_told()
        return self._ranking

    @property
    def branches(self) -> dict[int, Ranking]:
        """Ranking of the ended trials of each option of the selector, by the option's index."""
        self._enter_told()
        return self._branches

    def tell(self, event: Event) -> None:
        """Record an event of a trial."""
        if not isinstance(event, Reported):
            self._told.append(event)
        if len(self._told) >= _MOST_TOLD:
            self._enter_told()

    def _enter_told(self) -> None:
        """Enter the events that were told since the last call, in order."""
        if not self._told:
            return
        told, self._told = self._told, []
        opened = [
            e.trial for e in told if isinstance(e, Opened) and isinstance(e.suggestion, Start)
        ]
        if opened:
            values = self._space.encode([trial.assignment for trial in opened])
            rows = zip(values, self._axes.points(values), self._axes.bins(values), strict=True)
        for event in told:
            match event:
                case Opened(trial, Start()):
                    self._open(trial.number, *next(rows))
                case Measured(trial, value):
                    self._end(trial.number, value, measured=True)
                case Stopped(trial, value):
                    self._end(trial.number, math.inf if value is None else value)
                case Failed(trial) | Lost(trial):
                    self._end(trial.number, math.inf)

    def row(self, number: int) -> tuple[Floats, Floats]:
        """Return the point of a trial and the widths of its values' bins, shape (d,) each."""
        self._enter_told()
        places = [self._require_place(number)]
        return self.points(places)[0], self.bins(places)[0]

    def enter(self, number: int, point: Floats, bins: Floats) -> None:
        """Open a trial.

        `point` and `bins`, which are the widths of its values' bins, have the shape (d,).
        """
        self._enter_told()
        self._add(number, point, bins)

    def _add(self, number: int, point: Floats, bins: Floats) -> None:
        place = len(self._numbers)
        if place == len(self._points):
            # Growth by a constant factor makes the cost of an entry constant on average.
            self._points, self._bins = _grown(self._points), _grown(self._bins)
        self._points[place], self._bins[place] = point, bins[self._stepped]
        self._numbers.append(number)
        self._losses.append(math.nan)
        self._measured.append(False)
        if number != place:
            self._places[number] = place
        self._pending[place] = None

    def points(self, places: Iterable[int]) -> Floats:
        """Return the points of the trials at some places, shape (number of places, d)."""
        return self._points[list(places)]

    def bins(self, places: Iterable[int]) -> Floats:
        """Return the bin widths of the trials at some places, shape (number of places, d)."""
        rows = self._bins[list(places)]
        bins = np.zeros((len(rows), self._points.shape[1]))
        bins[:, self._stepped] = rows
        return bins

    def losses(self, places: Iterable[int]) -> Floats:
        """Return the losses of the trials at some places; the trials must have ended."""
        return np.array([self._losses[place] for place in places])

    def measured(self, places: Places) -> Mask:
        """Return a mask of the trials that succeeded, rather than failed or were stopped."""
        return np.frombuffer(self._measured, dtype=np.bool_)[places]

    def number(self, place: int) -> int:
        """Return the number of the trial at a place."""
        return self._numbers[place]

    def places_at(self, point: Floats) -> Places:
        """Return the places of all trials with a point, shape (d,), pending ones included."""
        points = self._points[: len(self)]
        # One coordinate rules out almost all trials of a long sweep.
        active = int(np.argmin(np.isnan(point)))
        places = np.flatnonzero(points[:, active] == point[active])
        rows = points[places]
        same = (rows == point) | (np.isnan(rows) & np.isnan(point))
        return np.asarray(places[same.all(axis=1)])

    def options(self, places: Iterable[int]) -> Places:
        """Return the index of the selector's option for the trials at some places."""
        return self._points[list(places), self.selector].astype(int)

    def _open(self, number: int, values: Floats, point: Floats, bins: Floats) -> None:
        self._add(number, point, bins)
        self._tried.add(values.tobytes())

    def _end(self, number: int, loss: float, *, measured: bool = False) -> None:
        place = self._require_place(number)
        # Whether the trial was measured before, at a smaller budget.
        again = not math.isnan(self._losses[place])
        for ranking in self._rankings(place):
            if again:
                ranking.remove(place, self._losses[place])
            ranking.add(place, loss)
        if again:
            self._replaced += 1
        else:
            self._ended.append(place)
        self._losses[place] = loss
        self._measured[place] = measured
        self._pending.pop(place, None)

    def _place(self, number: int) -> int | None:
        place = self._places.get(number)
        # Trials are usually opened in the order of their numbers, so few places are stored.
        if place is None and number < len(self._numbers) and self._numbers[number] == number:
            return number
        return place

    def _require_place(self, number: int) -> int:
        place = self._place(number)
        if place is None:
            raise KeyError(number)
        return place

    def _rankings(self, place: int) -> list[Ranking]:
        if self.selector is None:
            return [self._ranking]
        option = int(self._points[place, self.selector])
        return [self._ranking, self._branches.setdefault(option, Ranking())]


def _grown(rows: Floats) -> Floats:
    return np.concatenate([rows, np.empty_like(rows[: len(rows) // 8])])

"""Map whole matrices of assignments between values and the unit cube.

Every parameter is a column with an axis, linear or logarithmic, on which its prior is uniform or
normal: ``axis = start + score * width``. The distribution function of the prior maps a value to a
probability from 0 to 1, and its inverse maps the probability back to a value. A value with a step
is then rounded to its grid. The score of a uniform prior is the probability itself; the score of a
normal prior is the normal quantile of the probability.
"""

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..domains import MAX_EXACT, Categorical, Domain, Grid, Integer, Nested, Normal, Ordinal, Real

Floats: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.intp]
Mask: TypeAlias = NDArray[np.bool_]

LARGEST = float(np.finfo(float).max)
SMALLEST = math.ulp(0.0)
NEIGHBOUR_STD = 0.2
"""Standard deviation of the normal step to a neighbour, in the unit cube.

The value is the one of SMAC's local search (Hutter, Hoos and Leyton-Brown, LION 2011).
"""


class Columns:
    """The domains of a space as arrays with one entry per parameter.

    `start` and `width` are the mean and standard deviation of a normal prior, or the start and
    length of an interval. With a step, the interval extends half a step beyond the first and the
    last multiple, so that each multiple has its own bin. A choice is a grid of indices with step
    1, on the interval from -0.5 to size - 0.5. If a choice has weights, `_edges` holds the ends of
    its bins, whose widths are proportional to the weights.
    """

    def __init__(self, domains: Sequence[Domain]) -> None:
        self._grids = [domain.grid for domain in domains]
        self._log = np.array([getattr(d, "log", False) for d in domains], dtype=bool)
        self._normal = np.array([isinstance(d, Normal) for d in domains], dtype=bool)
        self._choice = np.array([isinstance(d, Categorical | Nested) for d in domains], dtype=bool)
        self._sizes = np.array([d.size or np.inf for d in domains], dtype=float)
        axes = np.array([_axis(d) for d in domains], dtype=float).reshape(-1, 4)
        self._start, self._width, self._low, self._high = axes.T
        self._stepped = np.flatnonzero([cut is not None for cut in self._grids])
        steps = np.array([_step(cut) for cut in self._grids if cut], dtype=float).reshape(-1, 4)
        self._numerator, self._denominator, self._first, self._last = steps.T
        # If floats cannot represent the fraction of a step exactly, values are rounded by `Grid`,
        # which is exact.
        self._inexact = self._numerator == 0
        self._numerator[self._inexact] = 1
        self._step = np.array([float(cut.step) if cut else 0.0 for cut in self._grids])
        self._edges = {
            column: _edges(weights)
            for column, domain in enumerate(domains)
            if (weights := getattr(domain, "weights", None))
        }

    def from_unit(self, cube: Floats) -> Floats:
        """Map points of the unit cube, shape (n, d), to values; NaN stays NaN."""
        score = cube
        if self._normal.any():
            score = cube.copy()
            score[:, self._normal] = _quantiles(cube[:, self._normal])
        with np.errstate(over="ignore"):
            axis = self._start + score * self._width
            axis[:, self._log] = np.exp(axis[:, self._log])
        for column, edges in self._edges.items():
            places = np.searchsorted(edges[1:-1], cube[:, column], side="right")
            axis[:, column] = np.where(np.isnan(cube[:, column]), np.nan, places)
        return self._on_grid(np.clip(axis, self._low, self._high))

    def to_unit(self, matrix: Floats) -> Floats:
        """Map values, shape (n, d), to points of the unit cube; NaN stays NaN."""
        axis = matrix.copy()
        if self._log.any():
            # A log-normal value with a step may be rounded to 0, whose logarithm is infinite. Use
            # another point of the same bin instead.
            least = np.maximum(self._step[self._log] / 4, SMALLEST)
            axis[:, self._log] = np.log(np.maximum(axis[:, self._log], least))
        known = self._width > 0
        cube = np.where(known, (axis - self._start) / np.where(known, self._width, 1), 0.5)
        if self._normal.any():
            cube[:, self._normal] = _probabilities(cube[:, self._normal])
        for column, edges in self._edges.items():
            index = np.nan_to_num(matrix[:, column]).astype(int)
            cube[:, column] = (edges[index] + edges[index + 1]) / 2
        return np.where(np.isnan(matrix), np.nan, np.clip(cube, 0, 1))

    def contains(self, matrix: Floats) -> Mask:
        """Return a mask of the values that are in their domains, shape (n, d)."""
        inside = (matrix >= self._low) & (matrix <= self._high)
        return np.asarray(inside & (self._on_grid(matrix) == matrix))

    def movable(self, columns: Indices) -> Indices:
        """Return the columns that have more than one value."""
        return np.asarray(columns[self._sizes[columns] != 1])

    def vary(
        self, row: Floats, chosen: tuple[Indices, Indices], rng: np.random.Generator
    ) -> Floats:
        """Copy a row n times, change one cell of each copy, and draw NaN cells from the prior.

        A number takes a normal step in the unit cube, and a choice is replaced by another choice.
        If the step leads back to the same value, which a coarse grid makes likely, the number
        moves to the next higher or lower value instead.

        Parameters
        ----------
        row : ndarray, shape (d,)
        chosen : pair of ndarrays, shape (n,)
            Row and column indices of the cells to change.

        Returns
        -------
        ndarray, shape (n, d)
        """
        lines, columns = chosen
        cube = np.repeat(self.to_unit(row[None, :]), len(lines), axis=0)
        cube = np.where(np.isnan(cube), rng.random(cube.shape), cube)
        cube[chosen] = self._move(cube[chosen], columns, rng)
        matrix = self.from_unit(cube)
        matrix[chosen] = self._switch(matrix[chosen], columns, rng)
        same = matrix[chosen] == row[columns]
        stuck = (lines[same], columns[same])
        matrix[stuck] = self._nudge(matrix[stuck], columns[same], rng)
        return matrix

    def _move(self, points: Floats, columns: Indices, rng: np.random.Generator) -> Floats:
        """Add a normal step to n points of the unit interval, and reflect them at 0 and 1."""
        moved = np.abs(points + NEIGHBOUR_STD * rng.standard_normal(len(points)))
        moved = np.clip(np.where(moved > 1, 2 - moved, moved), 0, 1)
        return np.asarray(np.where(self._choice[columns], points, moved))

    def _switch(self, values: Floats, columns: Indices, rng: np.random.Generator) -> Floats:
        """Replace each choice by another choice, and leave numbers unchanged; shape (n,)."""
        choice = self._choice[columns]
        count = np.where(choice, self._sizes[columns], 2)
        other = (values + 1 + rng.integers(0, (count - 1).astype(int))) % count
        return np.asarray(np.where(choice, other, values))

    def _nudge(self, values: Floats, columns: Indices, rng: np.random.Generator) -> Floats:
        """Move each value to the next higher or lower value of its domain; shape (n,)."""
        up = rng.integers(0, 2, len(values)).astype(bool)
        up = np.where(up, values < self._high[columns], values <= self._low[columns])
        ahead = np.where(up, np.inf, -np.inf)
        stepped = values + np.copysign(self._step[columns], ahead)
        next_one = np.where(self._step[columns] > 0, stepped, np.nextafter(values, ahead))
        matrix = np.repeat(next_one[:, None], len(self._grids), axis=1)
        return np.asarray(self._on_grid(matrix)[np.arange(len(values)), columns])

    def _on_grid(self, axis: Floats) -> Floats:
        """Round each column that has a step to the multiples of the step."""
        # -0.0 equals 0.0, but its bytes and its text differ. Replace it, so that equal assignments
        # have the same text.
        values = axis + 0.0
        if len(self._stepped):
            values[:, self._stepped] = self._rounded(axis[:, self._stepped])
        return values

    def _rounded(self, axis: Floats) -> Floats:
        """Round the k columns that have a step as `Grid.nearest` does; return shape (n, k)."""
        # If all integers are at most 2**53, the multiplication is exact, and only the division
        # rounds. Larger products would be inexact, so Python's integers compute them.
        with np.errstate(over="ignore", invalid="ignore"):
            index = np.rint(axis * self._denominator / self._numerator)
            index = np.clip(index, self._first, self._last)
            values = index * self._numerator / self._denominator
            inexact = (np.abs(index) * self._numerator > MAX_EXACT) | self._inexact
        if inexact.any():
            for place in np.argwhere(inexact & np.isfinite(axis)):
                grid = self._grids[self._stepped[place[1]]]
                assert grid is not None
                values[tuple(place)] = grid.nearest(axis[tuple(place)])
        inside = np.clip(values, self._low[self._stepped], self._high[self._stepped])
        return np.asarray(inside + 0.0)


def _edges(weights: Sequence[float]) -> Floats:
    """Return the k + 1 edges that divide the unit interval in proportion to k weights."""
    edges = np.cumsum([0.0, *weights])
    return np.asarray(edges / edges[-1])


def _axis(domain: Domain) -> tuple[float, ...]:
    """Return the axis of a domain: its start, width, lowest value and highest value."""
    match domain:
        case Normal(mean, std, log):
            low = -LARGEST
            if log:
                low = SMALLEST if domain.grid is None else 0.0
            return (mean, std, low, LARGEST)
        case Categorical() | Ordinal() | Nested():
            return (-0.5, domain.size, 0, domain.size - 1)
        case Real(low, high, log, clip=True):
            start, width, *ends = _interval(low, high, None, log=log)
            cut = domain.grid
            return (start, width, *((cut.value(cut.first), cut.value(cut.last)) if cut else ends))
        case Real(low, high, log) | Integer(low, high, log):
            return _interval(low, high, domain.grid, log=log)


def _interval(low: float, high: float, grid: Grid | None, *, log: bool) -> tuple[float, ...]:
    half = 0.0
    if grid is not None:
        low, high, half = grid.value(grid.first), grid.value(grid.last), float(grid.step / 2)
    start, end = low - half, high + half
    if log:
        start, end = math.log(start), math.log(end)
    return (start, end - start, low, high)


def _step(grid: Grid) -> tuple[float, ...]:
    """Return the numerator and denominator of a grid's step, and its first and last index.

    The numerator is 0 if floats cannot represent the fraction exactly.
    """
    numerator, denominator = grid.step.as_integer_ratio()
    exact = max(numerator, denominator) <= MAX_EXACT
    return (*((numerator, denominator) if exact else (0, 1)), grid.first, grid.last)


_INSIDE = 2.0**-53
"""Smallest distance of a probability from 0 and 1, whose quantiles are infinite.

It limits quantiles to 8.2 standard deviations from the mean.
"""


def _quantiles(probabilities: Floats) -> Floats:
    """Compute the normal quantiles of probabilities to about 16 digits; NaN stays NaN.

    The algorithm is Wichura's AS 241, as implemented in Python's `statistics`. SciPy has the same
    function, but this package depends only on NumPy.
    """
    inside = np.clip(probabilities, _INSIDE, 1 - _INSIDE)
    with np.errstate(invalid="ignore"):
        return np.asarray(_quantile(inside), dtype=float)


def _probabilities(scores: Floats) -> Floats:
    """Compute the normal probabilities of scores; NaN stays NaN.

    The results are precise even in the lower tail.
    """
    return np.asarray(_cumulative(scores), dtype=float)


def _cdf(score: float) -> float:
    # NormalDist.cdf adds erf to 1, which loses all digits for scores below -8.
    return math.erfc(-score / math.sqrt(2)) / 2


_quantile = np.frompyfunc(NormalDist().inv_cdf, 1, 1)
_cumulative = np.frompyfunc(_cdf, 1, 1)

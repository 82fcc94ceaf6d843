"""The arithmetic of a space: all columns at once, between values and the unit cube."""

from collections.abc import Sequence
from statistics import NormalDist
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from .domains import Categorical, Domain, Grid, Integer, Nested, Normal, Real, fraction

Floats: TypeAlias = NDArray[np.float64]

_STANDARD = NormalDist()
_quantile = np.frompyfunc(_STANDARD.inv_cdf, 1, 1)
_cumulative = np.frompyfunc(_STANDARD.cdf, 1, 1)
_INSIDE = 2.0**-53
NEIGHBOUR_STD = 0.2
"""Standard deviation of a neighbour's step in the unit cube."""


class Columns:
    """The domains of a space as arrays, one entry a parameter.

    A choice is a grid of its indices with step 1, so that apart from normals every column is
    an interval ``[start, end]`` on a linear or logarithmic axis, cut into equal bins where
    the domain has a step.
    """

    def __init__(self, domains: Sequence[Domain]) -> None:
        """Lay the domains out as columns."""
        axes = np.array([_axis(domain) for domain in domains], dtype=float).reshape(-1, 8)
        self.start, self.end, self.numerator, self.denominator = axes[:, :4].T
        self.first, self.last, low, high = axes[:, 4:].T
        self.low, self.high = low, high
        self.log = np.array([getattr(domain, "log", False) for domain in domains], dtype=bool)
        self.stepped = self.numerator > 0
        self.normal = np.array([isinstance(domain, Normal) for domain in domains], dtype=bool)
        self.choice = np.array(
            [isinstance(domain, Categorical | Nested) for domain in domains], dtype=bool
        )
        self.sizes = np.array([domain.size or np.inf for domain in domains], dtype=float)
        self._any_normal = bool(self.normal.any())
        self._any_log = bool(self.log.any())

    def from_unit(self, cube: Floats) -> Floats:
        """Map (n, d) points of the unit cube to values."""
        axis = self.start + cube * (self.end - self.start)
        if self._any_normal:
            inner = np.clip(cube[:, self.normal], _INSIDE, 1 - _INSIDE)
            scores = _quantile(inner).astype(float)
            axis[:, self.normal] = self.start[self.normal] + scores * self.end[self.normal]
        if self._any_log:
            axis[:, self.log] = np.exp(axis[:, self.log])
        return self._on_grid(np.clip(axis, self.low, self.high))

    def to_unit(self, matrix: Floats) -> Floats:
        """Map (n, d) values to the unit cube; NaN stays NaN."""
        axis = matrix.astype(float, copy=True)
        if self._any_log:
            # A log-normal with a step may round to 0, whose logarithm is left at the far end.
            axis[:, self.log] = np.log(np.maximum(axis[:, self.log], np.finfo(float).tiny))
        width = self.end - self.start
        cube = np.where(width > 0, (axis - self.start) / np.where(width > 0, width, 1), 0.5)
        if self._any_normal:
            scores = (axis[:, self.normal] - self.start[self.normal]) / self.end[self.normal]
            cube[:, self.normal] = _cumulative(scores).astype(float)
        return np.where(np.isnan(matrix), np.nan, np.clip(cube, 0, 1))

    def contains(self, matrix: Floats) -> NDArray[np.bool_]:
        """Tell which values are in their domain, shape (n, d)."""
        inside = (matrix >= self.low) & (matrix <= self.high)
        return inside & (self._on_grid(matrix) == matrix)

    def step(self, points: Floats, columns: NDArray[np.intp], rng: np.random.Generator) -> Floats:
        """Move points, one in each given column, to a neighbour in the unit cube; shape (n,)."""
        moved = np.abs(points + NEIGHBOUR_STD * rng.standard_normal(len(points)))
        moved = np.clip(np.where(moved > 1, 2 - moved, moved), 0, 1)
        sizes = self.sizes[columns]
        finite = np.isfinite(sizes)
        count = np.where(finite, sizes, 2)
        index = np.minimum(np.floor(points * count), count - 1)
        other = (index + 1 + rng.integers(0, np.maximum(count - 1, 1).astype(int))) % count
        return np.asarray(np.where(self.choice[columns], (other + 0.5) / count, moved))

    def _on_grid(self, axis: Floats) -> Floats:
        """Round to multiples of the step where there is one, correctly rounded."""
        if not self.stepped.any():
            return axis
        numerator = np.where(self.stepped, self.numerator, 1)
        index = np.rint(axis * self.denominator / numerator)
        index = np.clip(index, self.first, self.last)
        # -0.0 would be another assignment to whoever compares bytes.
        return np.where(self.stepped, index * numerator / self.denominator + 0.0, axis)


def _axis(domain: Domain) -> tuple[float, ...]:
    """Describe a domain: start, end, step as fraction, first, last, low, high."""
    match domain:
        case Categorical() | Nested():
            last = domain.size - 1
            return (-0.5, last + 0.5, 1, 1, 0, last, 0, last)
        case Normal(mean, std, log, step):
            low = 0.0 if log else -np.inf
            if step is None:
                return (mean, std, 0, 1, -np.inf, np.inf, low, np.inf)
            exact = fraction(step)
            return (mean, std, exact.numerator, exact.denominator, low, np.inf, low, np.inf)
        case Real(low, high, log, grid=None):
            return (*_scale(low, high, log=log), 0, 1, -np.inf, np.inf, low, high)
        case Real(log=log, grid=Grid() as grid) | Integer(log=log, grid=grid):
            step, first, last = grid.step, grid.first, grid.last
            half = float(step) / 2
            bottom, top = grid.value(first), grid.value(last)
            bounds = _scale(bottom - half, top + half, log=log)
            return (*bounds, step.numerator, step.denominator, first, last, bottom, top)


def _scale(low: float, high: float, *, log: bool) -> tuple[float, float]:
    return (float(np.log(low)), float(np.log(high))) if log else (low, high)

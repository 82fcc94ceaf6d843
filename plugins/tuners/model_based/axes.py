"""Coordinates of kernels: numbers are in the unit interval, choices are indices of options."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sweepwright.space import Categorical, Domain, Nested, Parameter, SearchSpace

Floats: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]


class Axes:
    """Translates between the values of a space and points, which are the coordinates of kernels.

    A point has one coordinate for each parameter. The coordinate of a numeric parameter is the
    quantile of its value under its prior, so the prior of the coordinate is uniform. If the domain
    has a step, the coordinate is the middle of the value's bin. The coordinate of a choice is the
    index of the option. The coordinate of an inactive parameter is NaN.
    """

    def __init__(self, space: SearchSpace) -> None:
        domains = [parameter.domain for parameter in space.parameters]
        self.space = space
        self._flat = SearchSpace([Parameter(p.name, p.domain) for p in space.parameters])
        self.is_number = np.array([not isinstance(d, Categorical | Nested) for d in domains])
        """Mask of the columns that count as numbers, including ordered choices; shape (d,)."""
        self.numbers = np.flatnonzero(self.is_number)
        self.choices = np.flatnonzero(~self.is_number)
        self.prior = _priors([domains[column] for column in self.choices])
        """Prior probabilities of options: one row for each of `choices`, padded with zeros."""
        self._cumulative = np.cumsum(self.prior, axis=1)
        sizes = np.count_nonzero(self.prior, axis=1)
        # The last edge is left out. It may be rounded below 1, and a draw above it would then
        # select an option that does not exist.
        self._edges = [row[: size - 1] for row, size in zip(self._cumulative, sizes, strict=True)]
        self._steps = np.array([float(d.grid.step) if d.grid else 0.0 for d in domains])
        self._steps[self.choices] = 0.0
        self.stepped = np.flatnonzero(self._steps)
        """Columns of the numbers whose domains have a step."""

    def __len__(self) -> int:
        """Count the parameters, d."""
        return len(self.space)

    def points(self, values: Floats) -> Floats:
        """Translate rows of values to points, shape (n, d)."""
        points = self.space.unit(values)
        points[:, self.choices] = values[:, self.choices]
        return points

    def values(self, points: Floats) -> Floats:
        """Translate points to values, shape (n, d), and round numeric values to their domains.

        The coordinates of choices must not be NaN.
        """
        return self.space.from_unit(self._cube(points))

    def permitted(self, values: Floats) -> Mask:
        """Tell which rows from the method `values` satisfy the constraints; a mask, shape (n,)."""
        # Without constraints, all do: values of this class are always in their domains.
        if not self.space.constraints:
            return np.ones(len(values), dtype=np.bool_)
        return self.space.feasible(values)

    def prior_of(self, column: int) -> Floats:
        """Return the prior probabilities of the options of a choice."""
        prior: Floats = self.prior[np.searchsorted(self.choices, column)]
        return prior[: np.count_nonzero(prior)]

    def rounded(self, points: Floats) -> tuple[Floats, Floats]:
        """Round points to values as if all parameters were active; return points and bin widths.

        Both arrays have the shape (n, d).
        """
        values = self._flat.from_unit(self._cube(points))
        return self.points(values), self.bins(values)

    def bins(self, values: Floats) -> Floats:
        """Return the width of each value's bin in the unit interval; 0 if its domain has no step.

        The bins at the bounds of a clipped domain have the same width as the bins between the
        bounds.
        """
        if not self._steps.any():
            return np.zeros_like(values)
        half = self._steps / 2
        above, below = np.split(self.space.unit(np.concatenate([values + half, values - half])), 2)
        bins = above - below
        return np.where(np.isnan(bins) | (half == 0), 0.0, bins)

    def _cube(self, points: Floats) -> Floats:
        """Replace the index of an option by the middle of its interval in the unit cube."""
        cube = points.copy()
        for row, column in enumerate(self.choices.tolist()):
            option = points[:, column].astype(int)
            cube[:, column] = self._cumulative[row, option] - self.prior[row, option] / 2
        return cube

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Draw n points from the prior as if every parameter was active; shape (n, d)."""
        points = rng.random((n, len(self)))
        for edges, column in zip(self._edges, self.choices, strict=True):
            points[:, column] = np.searchsorted(edges, points[:, column], side="right")
        return points


def reflected(points: Floats) -> Floats:
    """Reflect points back into the unit interval.

    Every coordinate must be above -1 and below 2; others are moved to a bound.
    """
    within = np.abs(points)
    return np.clip(np.where(within > 1, 2 - within, within), 0, 1)


def _priors(domains: list[Domain]) -> Floats:
    table = np.zeros((len(domains), max((domain.size or 0 for domain in domains), default=0)))
    for row, domain in zip(table, domains, strict=True):
        assert isinstance(domain, Categorical | Nested), "nothing else has options without order"
        row[: domain.size] = domain.weights or 1.0
    return np.asarray(table / table.sum(axis=1, keepdims=True))

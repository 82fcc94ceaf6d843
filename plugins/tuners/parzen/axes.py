"""The coordinates of a space in which kernels lie: numbers in [0, 1], choices by index."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sweepwright.space import Categorical, Domain, Nested, Parameter, SearchSpace

Floats: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]


class Axes:
    """Translates between the values of a space and points.

    A point has a coordinate for each parameter: a number's place in the unit interval, where
    its prior is uniform, with values that have a step at the middle of their bins; a choice's
    index; NaN where the parameter is inactive.
    """

    def __init__(self, space: SearchSpace) -> None:
        domains = [parameter.domain for parameter in space.parameters]
        self._space = space
        self._flat = SearchSpace([Parameter(p.name, p.domain) for p in space.parameters])
        self.is_number = np.array([not isinstance(d, Categorical | Nested) for d in domains])
        """Which columns are numbers, ordered choices among them; shape (d,)."""
        self.numbers = np.flatnonzero(self.is_number)
        self.choices = np.flatnonzero(~self.is_number)
        self.prior = _priors([domains[column] for column in self.choices])
        """Probability of each option, a row for each of `choices`; 0 beyond the last option."""
        self._reached = np.cumsum(self.prior, axis=1)
        sizes = np.count_nonzero(self.prior, axis=1)
        self._edges = [row[: size - 1] for row, size in zip(self._reached, sizes, strict=True)]
        self._steps = np.array([float(d.grid.step) if d.grid else 0.0 for d in domains])
        self._steps[self.choices] = 0.0

    def __len__(self) -> int:
        """Count the parameters, d."""
        return len(self._space)

    def points(self, values: Floats) -> Floats:
        """Translate rows of values, shape (n, d)."""
        points = self._space.unit(values)
        points[:, self.choices] = values[:, self.choices]
        return points

    def values(self, points: Floats) -> Floats:
        """Translate points, shape (n, d), whose choices are not NaN; numbers are rounded."""
        return self._space.from_unit(self._cube(points))

    def prior_of(self, column: int) -> Floats:
        """Return the probabilities of a choice's options."""
        prior: Floats = self.prior[np.searchsorted(self.choices, column)]
        return prior[: np.count_nonzero(prior)]

    def rounded(self, points: Floats) -> tuple[Floats, Floats]:
        """Move points to their values, shape (n, d), all taken for active, and tell their bins."""
        values = self._flat.from_unit(self._cube(points))
        return self.points(values), self.bins(values)

    def bins(self, values: Floats) -> Floats:
        """Tell how much of the unit interval each value has to itself; 0 without a step.

        Of a clipped domain's bounds it is as much as of the multiples between them.
        """
        if not self._steps.any():
            return np.zeros_like(values)
        half = self._steps / 2
        above, below = np.split(
            self._space.unit(np.concatenate([values + half, values - half])), 2
        )
        bins = above - below
        return np.where(np.isnan(bins) | (half == 0), 0.0, bins)

    def _cube(self, points: Floats) -> Floats:
        """Put an option's index at the middle of its part of the unit interval."""
        cube = points.copy()
        for row, column in enumerate(self.choices.tolist()):
            option = points[:, column].astype(int)
            cube[:, column] = self._reached[row, option] - self.prior[row, option] / 2
        return cube

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Draw n points from the prior, shape (n, d), all parameters taken for active."""
        points = rng.random((n, len(self)))
        for edges, column in zip(self._edges, self.choices, strict=True):
            points[:, column] = np.searchsorted(edges, points[:, column], side="right")
        return points


def _priors(domains: list[Domain]) -> Floats:
    table = np.zeros((len(domains), max((domain.size or 0 for domain in domains), default=0)))
    for row, domain in zip(table, domains, strict=True):
        assert isinstance(domain, Categorical | Nested), "nothing else has options without order"
        row[: domain.size] = domain.weights or 1.0
    return np.asarray(table / table.sum(axis=1, keepdims=True))

"""Grid levels: the few values of a number that a plain grid search tries."""

from collections.abc import Iterable
from fractions import Fraction
from typing import TypeAlias

import numpy as np

from ..domains import Domain, Integer, Normal, Ordinal, Real, fraction
from .parameters import Parameter
from .search_space import SearchSpace

Number: TypeAlias = Real | Integer | Normal


def spread(domain: Number, count: int) -> Ordinal:
    """Choose `count` values of a domain, evenly spaced; all values if it has no more.

    Both bounds are among them. The others divide the axis, linear or logarithmic, into equal
    parts before they are rounded to a step. A single value is the median. A normal has no bounds:
    its values are the medians of `count` parts of equal probability.
    """
    if domain.size is not None and domain.size <= count:
        return _listed(domain, _every(domain))
    if count == 1 or isinstance(domain, Normal):
        return _listed(domain, _medians(domain, count))
    points = _divided(*_bounds(domain), count, log=domain.log)
    return _listed(domain, points if domain.grid is None else map(domain.grid.nearest, points))


def multiples(domain: Real | Integer, step: float) -> Ordinal:
    """List the multiples of a step between the bounds, including a bound that is one."""
    return _listed(domain, _every(Real(domain.low, domain.high, step=step)))


def count_multiples(domain: Real | Integer, step: float) -> int:
    """Count the multiples of a step between the bounds."""
    return Real(domain.low, domain.high, step=step).size or 0


def _listed(domain: Domain, points: Iterable[float]) -> Ordinal:
    """Convert floats to an ordinal of the values that a trial receives, each once."""
    # -0.0 equals 0.0, but its text differs, and so would the assignment's.
    return Ordinal(tuple(dict.fromkeys(domain.value(float(point) + 0.0) for point in points)))


def _every(domain: Number) -> Iterable[float]:
    grid = domain.grid
    if grid is None:
        assert isinstance(domain, Real), "a finite domain without a step is a real of one value"
        return [domain.low]
    return map(grid.value, range(grid.first, grid.last + 1))


def _bounds(domain: Real | Integer) -> tuple[float, float]:
    grid = domain.grid
    if grid is None:
        return domain.low, domain.high
    return grid.value(grid.first), grid.value(grid.last)


def _divided(low: float, high: float, count: int, *, log: bool) -> list[float]:
    """Divide an interval evenly; in fractions, so that three tenths of 1 are 0.3."""
    if log:
        return [float(point) for point in np.geomspace(low, high, count)]
    first, last = fraction(low), fraction(high)
    return [float(first + (last - first) * Fraction(i, count - 1)) for i in range(count)]


def _medians(domain: Number, count: int) -> list[float]:
    """Return the medians of `count` parts of the prior of equal probability."""
    points = (np.arange(count) + 0.5) / count
    values = SearchSpace([Parameter("one", domain)]).from_unit(points[:, None])
    return [float(value) for value in values[:, 0]]

"""Choose grid levels: the few values of a numeric parameter that a grid search tries."""

from collections.abc import Iterable
from fractions import Fraction
from typing import TypeAlias

import numpy as np

from ..domains import Domain, Integer, Normal, Ordinal, Real, fraction
from .parameters import Parameter
from .search_space import SearchSpace

Number: TypeAlias = Real | Integer | Normal


def spread(domain: Number, count: int) -> Ordinal:
    """Choose `count` evenly spaced values of a domain, or all values if the domain has fewer.

    The values include both bounds. The other values divide the axis, linear or logarithmic, into
    equal parts, and are then rounded to the step of the domain. If `count` is 1, the value is the
    median. A normal distribution has no bounds: it is divided into `count` parts of equal
    probability, and the values are the medians of the parts.
    """
    if domain.size is not None and domain.size <= count:
        return _listed(domain, _every(domain))
    if count == 1 or isinstance(domain, Normal):
        return _listed(domain, _medians(domain, count))
    points = _divided(*_bounds(domain), count, log=domain.log)
    return _listed(domain, points if domain.grid is None else map(domain.grid.nearest, points))


def multiples(domain: Real | Integer, step: float) -> Ordinal:
    """List the multiples of a step between the bounds, including bounds that are multiples."""
    return _listed(domain, _every(Real(domain.low, domain.high, step=step)))


def count_multiples(domain: Real | Integer, step: float) -> int:
    """Count the multiples of a step between the bounds."""
    return Real(domain.low, domain.high, step=step).size or 0


def _listed(domain: Domain, points: Iterable[float]) -> Ordinal:
    """Convert floats to an `Ordinal` of the values that a trial receives, without duplicates."""
    # -0.0 equals 0.0, but its text differs. Replace it, so that equal assignments have the same
    # text.
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
    """Divide an interval evenly, with exact fractions, so that three tenths of 1 are 0.3."""
    if log:
        return [float(point) for point in np.geomspace(low, high, count)]
    first, last = fraction(low), fraction(high)
    return [float(first + (last - first) * Fraction(i, count - 1)) for i in range(count)]


def _medians(domain: Number, count: int) -> list[float]:
    """Divide the prior into `count` parts of equal probability, and return their medians."""
    points = (np.arange(count) + 0.5) / count
    values = SearchSpace([Parameter("one", domain)]).from_unit(points[:, None])
    return [float(value) for value in values[:, 0]]

"""Grids that grow finer: the points of a space by levels, coarse ones first, none twice.

On level 0 a number has the median of its prior; every further level halves the intervals
between the points of the one before, until a finite domain is used up. Choices have all
their options at once. A point of several parameters belongs to the first level on which it
can be made, and parameters that a choice leaves inactive do not count.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sweepwright.space import Categorical, Domain, Nested, Ordinal, Parameter, SearchSpace

Cells: TypeAlias = tuple[tuple[int, float], ...]
"""Values of some parameters, each after its column."""
Floats: TypeAlias = NDArray[np.float64]

FINEST = 51
"""Level below which the points of the unit interval are no longer told apart."""
CHUNK = 512
"""Points of a level that are computed together."""
REMEMBERED = 8
"""Last level whose points are kept, 511 in all, since products go through them often."""


class Part(Protocol):
    """Something that has points on levels 0 to `last`."""

    last: int

    def new(self, level: int) -> Iterable[Cells]:
        """Yield the points of a level that no lower level has."""
        ...


class Axis:
    """A number: the quantiles of its prior at 1/2, then 1/4 and 3/4, then the odd eighths, etc."""

    def __init__(self, column: int, domain: Domain) -> None:
        self._column = column
        self._space = SearchSpace([Parameter("axis", domain)])
        low, high = self._quantiles(np.array([0.0, 1.0])).tolist()
        if domain.grid is None:
            self._grid = None
            count = (high - low) / math.ulp(max(-low, high))
        else:
            ends = domain.grid.index(low), domain.grid.index(high)
            self._grid = replace(domain.grid, first=ends[0], last=ends[1])
            count = self._grid.size
        # With as many points as there are values, a finer level brings nothing new.
        self.last = int(min(max(count, 1), 2.0**FINEST)).bit_length() - 1
        self._remembered = cache(self._listed)

    def new(self, level: int) -> Iterable[Cells]:
        """Yield the values that lower levels lack; on the last one, all that do."""
        return self._remembered(level) if level <= REMEMBERED else self._fresh(level)

    def _listed(self, level: int) -> list[Cells]:
        return list(self._fresh(level))

    def _fresh(self, level: int) -> Iterator[Cells]:
        if level > self.last:
            return
        for values in self._candidates(level):
            for value in values[~self._has(level - 1, values)].tolist():
                yield ((self._column, value),)

    def _candidates(self, level: int) -> Iterator[Floats]:
        grid = self._grid
        if grid is not None and level == self.last:
            for first in range(grid.first, grid.last + 1, CHUNK):
                indices = range(first, min(first + CHUNK, grid.last + 1))
                yield np.array([grid.value(index) for index in indices])
        else:
            count = 2 ** (level + 1)
            for first in range(1, count, 2 * CHUNK):
                odd = np.arange(first, min(first + 2 * CHUNK, count), 2)
                yield self._quantiles(odd / count)

    def _has(self, level: int, values: Floats) -> NDArray[np.bool_]:
        """Tell which values are points of a level or of one below."""
        # Whatever points a value's bin holds, one of them is next to the value itself.
        count = 2.0 ** (level + 1)
        left = np.floor(self._space.unit(values[:, None])[:, 0] * count)
        left = np.minimum(left, count - 1)
        on_left = (left > 0) & (self._quantiles(left / count) == values)
        on_right = (left + 1 < count) & (self._quantiles((left + 1) / count) == values)
        return np.asarray(on_left | on_right)

    def _quantiles(self, points: Floats) -> Floats:
        return self._space.from_unit(np.clip(points, 0, 1)[:, None])[:, 0]


class Branches:
    """A choice: each option with the points of what it activates."""

    def __init__(self, column: int, options: Sequence[Part]) -> None:
        self._column = column
        self._options = options
        self.last = max(option.last for option in options)

    def new(self, level: int) -> Iterator[Cells]:
        """Yield the new points of every option, one option after the other."""
        for index, option in enumerate(self._options):
            for cells in option.new(level):
                yield ((self._column, float(index)), *cells)


class Product:
    """Parts side by side: every point of one with every point of the others."""

    def __init__(self, parts: Sequence[Part]) -> None:
        half = len(parts) // 2
        self._first = _product(parts[:half])
        self._rest = _product(parts[half:])
        self.last = max(self._first.last, self._rest.last)

    def new(self, level: int) -> Iterator[Cells]:
        """Yield the points that are new in their first half, then those new in the rest only."""
        for ahead in self._first.new(level):
            for behind in _up_to(self._rest, level):
                yield ahead + behind
        if level <= self._rest.last:
            for ahead in _up_to(self._first, level - 1):
                for behind in self._rest.new(level):
                    yield ahead + behind


class Nothing:
    """No parameter at all, which can be had in one way."""

    last = 0

    def new(self, level: int) -> Iterable[Cells]:
        """Yield the one empty point, on level 0."""
        return [()] if level == 0 else []


def points(space: SearchSpace) -> Iterator[dict[str, Any]]:
    """Yield the assignments of a space, level by level; without end unless it is finite."""
    tree = _tree(space)
    first = _first_values(space)
    for level in range(tree.last + 1):
        for cells in tree.new(level):
            row = np.full((1, len(space)), np.nan)
            for column, value in cells:
                row[0, column] = value
            kept = space.without_inactive(row)
            # Of the points that differ only in what a condition leaves inactive, one is enough.
            idle = np.isnan(kept) & ~np.isnan(row)
            if (row[idle] == first[idle]).all() and space.feasible(kept)[0]:
                yield from space.decode(kept)


def _first_values(space: SearchSpace) -> Floats:
    """List the value of each parameter that comes first on its own, shape (1, d)."""
    values = np.full((1, len(space)), np.nan)
    for column, parameter in enumerate(space.parameters):
        if isinstance(parameter.domain, _CHOICES):
            values[0, column] = 0.0
        else:
            ((_, values[0, column]),) = next(iter(Axis(column, parameter.domain).new(0)))
    return values


_CHOICES = Categorical | Ordinal | Nested


def _tree(space: SearchSpace) -> Part:
    """Arrange the parameters under the options that activate them."""
    dependants: dict[str, list[Parameter]] = {}
    for parameter in space.parameters:
        if parameter.when:
            dependants.setdefault(parameter.when.parent, []).append(parameter)

    def option(index: int, below: Sequence[Parameter]) -> Part:
        return _product([part(p.name) for p in below if p.when and index in p.when.choices])

    @cache
    def part(name: str) -> Part:
        column = space.index[name]
        domain = space.parameters[column].domain
        if isinstance(domain, _CHOICES):
            below = dependants.get(name, [])
            return Branches(column, [option(index, below) for index in range(domain.size)])
        return Axis(column, domain)

    return _product([part(p.name) for p in space.parameters if p.when is None])


def _product(parts: Sequence[Part]) -> Part:
    match len(parts):
        case 0:
            return Nothing()
        case 1:
            return parts[0]
        case _:
            return Product(parts)


def _up_to(part: Part, level: int) -> Iterator[Cells]:
    for lower in range(min(level, part.last) + 1):
        yield from part.new(lower)

"""A grid that is refined level by level: coarse points first, no point twice.

Level 0 of a numeric parameter is the median of its prior. Each further level halves every interval
of the previous level (dyadic refinement in the quantiles of the prior). A finite domain has no
further level once all its values have been used. A choice has all its options on level 0. A point
of several parameters belongs to the first level that contains all its coordinates; inactive
parameters do not count.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sweepwright.space import Categorical, Domain, Nested, Ordinal, Parameter, SearchSpace

Cells: TypeAlias = tuple[tuple[int, float], ...]
"""Values of some parameters: pairs of a parameter's column and its value."""
Floats: TypeAlias = NDArray[np.float64]

FINEST_LEVEL = 51
"""Last level of a continuous parameter. Floats can just distinguish its 2**52 quantiles."""
CHUNK_SIZE = 512
"""Number of points of one level that are computed together."""
LAST_CACHED_LEVEL = 8
"""Last level that is kept in memory, because products iterate over points often. Levels 0 to 8
have 511 points in total."""


class Subspace(Protocol):
    """A set of points, each of which belongs to one of the levels 0 to `last_level`."""

    last_level: int

    def new_points(self, level: int) -> Iterable[Cells]:
        """Yield the points that belong to a level."""
        ...


class Axis:
    """A numeric parameter.

    Its levels are quantiles of its prior: 1/2, then 1/4 and 3/4, and so on.
    """

    def __init__(self, column: int, domain: Domain) -> None:
        self._column = column
        self._space = SearchSpace([Parameter("axis", domain)])
        low, high = self._quantiles(np.array([0.0, 1.0])).tolist()
        if domain.grid is None:
            self._grid = None
            # The distance between two floats is largest at the larger end, so this is a lower
            # bound of the number of distinct values.
            count = (high - low) / math.ulp(max(-low, high))
        else:
            end_indices = domain.grid.index(low), domain.grid.index(high)
            self._grid = replace(domain.grid, first=end_indices[0], last=end_indices[1])
            count = self._grid.size
        # Levels 0 to k have 2**(k + 1) - 1 points. If this exceeds the number of distinct
        # values, a further level adds nothing.
        self.last_level = int(min(max(count, 1), 2.0**FINEST_LEVEL)).bit_length() - 1
        self._cached = cache(self._list)

    def new_points(self, level: int) -> Iterable[Cells]:
        """Yield the values that no lower level has. The last level has all remaining values."""
        return self._cached(level) if level <= LAST_CACHED_LEVEL else self._compute(level)

    def _list(self, level: int) -> list[Cells]:
        return list(self._compute(level))

    def _compute(self, level: int) -> Iterator[Cells]:
        if level > self.last_level:
            return
        for values in self._candidates(level):
            for value in values[~self._contains(level - 1, values)].tolist():
                yield ((self._column, value),)

    def _candidates(self, level: int) -> Iterator[Floats]:
        grid = self._grid
        # Quantiles of a finite domain need not hit each of its values, so the last level lists
        # all.
        if grid is not None and level == self.last_level:
            for first in range(grid.first, grid.last + 1, CHUNK_SIZE):
                indices = range(first, min(first + CHUNK_SIZE, grid.last + 1))
                yield np.array([grid.value(index) for index in indices])
        else:
            count = 2 ** (level + 1)
            # The quantiles with an even numerator belong to lower levels: 2/4 is 1/2.
            for first in range(1, count, 2 * CHUNK_SIZE):
                odd = np.arange(first, min(first + 2 * CHUNK_SIZE, count), 2)
                yield self._quantiles(odd / count)

    def _contains(self, level: int, values: Floats) -> NDArray[np.bool_]:
        """Tell which values belong to this level or to a lower level."""
        # Rounding is monotone: if any quantile is rounded to a value, then one of the two
        # quantiles that are nearest to this value in the unit interval is also rounded to it.
        count = 2.0 ** (level + 1)
        left = np.floor(self._space.unit(values[:, None])[:, 0] * count)
        left = np.minimum(left, count - 1)
        on_left = (left > 0) & (self._quantiles(left / count) == values)
        on_right = (left + 1 < count) & (self._quantiles((left + 1) / count) == values)
        return np.asarray(on_left | on_right)

    def _quantiles(self, grid_points: Floats) -> Floats:
        return self._space.from_unit(np.clip(grid_points, 0, 1)[:, None])[:, 0]


class Branches:
    """A choice: each option is combined with the points of the parameters that it activates."""

    def __init__(self, column: int, options: Sequence[Subspace]) -> None:
        self._column = column
        self._options = options
        self.last_level = max(option.last_level for option in options)

    def new_points(self, level: int) -> Iterator[Cells]:
        """Yield the points that belong to a level, option by option."""
        for index, option in enumerate(self._options):
            for cells in option.new_points(level):
                yield ((self._column, float(index)), *cells)


class Product:
    """The Cartesian product of subspaces, split into two halves."""

    def __init__(self, subspaces: Sequence[Subspace]) -> None:
        # With halves, generators are nested log2(d) deep for d subspaces. With one subspace and
        # the rest, each point would pass through d generators.
        half = len(subspaces) // 2
        self._first = _product(subspaces[:half])
        self._rest = _product(subspaces[half:])
        self.last_level = max(self._first.last_level, self._rest.last_level)

    def new_points(self, level: int) -> Iterator[Cells]:
        """Yield points whose first half is new on the level, then its other points."""
        for first_cells in self._first.new_points(level):
            for rest_cells in _up_to(self._rest, level):
                yield first_cells + rest_cells
        if level <= self._rest.last_level:
            for first_cells in _up_to(self._first, level - 1):
                for rest_cells in self._rest.new_points(level):
                    yield first_cells + rest_cells


class EmptySpace:
    """The space without parameters, which has exactly one point."""

    last_level = 0

    def new_points(self, level: int) -> Iterable[Cells]:
        """Yield the empty point on level 0, and nothing on other levels."""
        return [()] if level == 0 else []


def grid_points(space: SearchSpace) -> Iterator[dict[str, Any]]:
    """Yield the assignments of a space level by level.

    If the space is infinite, the iterator never ends.
    """
    axes = {
        column: Axis(column, parameter.domain)
        for column, parameter in enumerate(space.parameters)
        if not isinstance(parameter.domain, _CHOICES)
    }
    tree = _tree(space, axes)
    first = _first_values(space, axes)
    for level in range(tree.last_level + 1):
        for cells in tree.new_points(level):
            row = np.full((1, len(space)), np.nan)
            for column, value in cells:
                row[0, column] = value
            kept = space.without_inactive(row)
            # Points that differ only in inactive parameters are the same assignment. Yield
            # the one whose inactive parameters have their first values.
            idle = np.isnan(kept) & ~np.isnan(row)
            if (row[idle] == first[idle]).all() and space.feasible(kept)[0]:
                yield from space.decode(kept)


def _first_values(space: SearchSpace, axes: Mapping[int, Axis]) -> Floats:
    """List the first value of each parameter, which is its value on level 0; shape (1, d)."""
    values = np.zeros((1, len(space)))
    for column, axis in axes.items():
        ((_, values[0, column]),) = next(iter(axis.new_points(0)))
    return values


_CHOICES = Categorical | Ordinal | Nested


def _tree(space: SearchSpace, axes: Mapping[int, Axis]) -> Subspace:
    """Arrange the parameters in a tree: a parameter is below the options that activate it."""
    dependants: dict[str, list[Parameter]] = {}
    for parameter in space.parameters:
        if parameter.when:
            dependants.setdefault(parameter.when.parent, []).append(parameter)

    def option(index: int, below: Sequence[Parameter]) -> Subspace:
        return _product([subspace(p.name) for p in below if p.when and index in p.when.choices])

    # A parameter that several options activate is one subspace, whose points are cached once.
    @cache
    def subspace(name: str) -> Subspace:
        column = space.index[name]
        domain = space.parameters[column].domain
        if isinstance(domain, _CHOICES):
            below = dependants.get(name, [])
            return Branches(column, [option(index, below) for index in range(domain.size)])
        return axes[column]

    return _product([subspace(p.name) for p in space.parameters if p.when is None])


def _product(subspaces: Sequence[Subspace]) -> Subspace:
    match len(subspaces):
        case 0:
            return EmptySpace()
        case 1:
            return subspaces[0]
        case _:
            return Product(subspaces)


def _up_to(subspace: Subspace, level: int) -> Iterator[Cells]:
    for lower in range(min(level, subspace.last_level) + 1):
        yield from subspace.new_points(lower)

"""Count and enumerate the different assignments of a finite space."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..domains import Domain, Real
from .activity import Activity
from .parameters import Parameter

Floats: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]
Children: TypeAlias = Mapping[str | None, Sequence[Parameter]]


def count(parameters: Sequence[Parameter]) -> int | None:
    """Count the assignments of a space; return None if a domain is continuous.

    Branches are taken into account. Conditions are not: each is assumed to be true.
    """
    children: dict[str | None, list[Parameter]] = {}
    for parameter in parameters:
        parent = parameter.when.parent if parameter.when else None
        children.setdefault(parent, []).append(parameter)
    return _product(children.get(None, []), children)


def _product(siblings: Sequence[Parameter], children: Children) -> int | None:
    """Multiply the counts of the siblings, which are independent of each other.

    The count of a nested choice is the sum of the counts of its branches.
    """
    total = 1
    for parameter in siblings:
        options = _options(parameter, children)
        if options is None:
            return None
        total *= options
    return total


def _options(parameter: Parameter, children: Children) -> int | None:
    dependants = children.get(parameter.name)
    if not dependants:
        return parameter.domain.size
    total = 0
    for choice in range(parameter.domain.size or 0):
        active = [p for p in dependants if p.when and choice in p.when.choices]
        options = _product(active, children)
        if options is None:
            return None
        total += options
    return total


def every_row(parameters: Sequence[Parameter], activity: Activity) -> Floats:
    """Enumerate the rows of a finite space in order, including rows that violate constraints."""
    steps = {
        column: step
        for step in activity.steps
        for column in range(step.columns.start, step.columns.stop)
    }
    matrix = np.full((1, len(parameters)), np.nan)
    for column, parameter in enumerate(parameters):
        step = steps.get(column)
        active = step.holds(matrix) if step else np.ones(len(matrix), dtype=bool)
        matrix = _multiplied(matrix, active, column, _values(parameter.domain))
    return matrix


def _multiplied(matrix: Floats, active: Mask, column: int, values: Floats) -> Floats:
    """Replace each row in which a column is active by one row for each value of the column."""
    copies = np.where(active, len(values), 1)
    rows = np.repeat(np.arange(len(matrix)), copies)
    place = np.arange(len(rows)) - np.repeat(np.cumsum(copies) - copies, copies)
    matrix = matrix[rows]
    matrix[active[rows], column] = values[place[active[rows]]]
    return matrix


def _values(domain: Domain) -> Floats:
    grid = domain.grid
    if grid is None:
        assert isinstance(domain, Real), "a finite domain without a step is a real of one value"
        return np.array([domain.low])
    return np.array([grid.value(index) for index in range(grid.first, grid.last + 1)])

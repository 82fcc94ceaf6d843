"""How many different assignments a space has, and which, where there is an end of them."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ._activity import Activity
from ._numeric import Real
from .domains import Domain
from .parameters import Parameter

Floats: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]
Children: TypeAlias = Mapping[str | None, Sequence[Parameter]]


def count(parameters: Sequence[Parameter]) -> int | None:
    """Count assignments as though every further condition held, None when there is no end."""
    children: dict[str | None, list[Parameter]] = {}
    for parameter in parameters:
        parent = parameter.when.parent if parameter.when else None
        children.setdefault(parent, []).append(parameter)
    return _product(children.get(None, []), children)


def _product(siblings: Sequence[Parameter], children: Children) -> int | None:
    """Multiply the siblings' counts; a choice counts, for each option, what it activates."""
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
    """List the rows of a finite space, conditions honoured, in order; shape (size, d)."""
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
    """Repeat each row in which a column is active for each of its values."""
    copies = np.where(active, len(values), 1)
    rows = np.repeat(np.arange(len(matrix)), copies)
    place = np.arange(len(rows)) - np.repeat(np.cumsum(copies) - copies, copies)
    matrix = matrix[rows]
    matrix[active[rows], column] = values[place[active[rows]]]
    return matrix


def _values(domain: Domain) -> Floats:
    cut = domain.grid
    if cut is None:
        assert isinstance(domain, Real), "only a real of one value is finite without a step"
        return np.array([domain.low])
    return np.array([cut.value(index) for index in range(cut.first, cut.last + 1)])

"""Which parameters are active: those whose branch was taken and whose condition holds."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ._choices import Categorical, Nested
from .expressions import Boxes, Expression, Formula, references
from .parameters import Condition, Parameter

Floats: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Step:
    """Columns that are active together: in one branch, under one condition."""

    columns: slice
    parent: int | None
    choices: tuple[int, ...]
    formula: Formula | None

    @property
    def about(self) -> Sequence[int]:
        """The columns that the condition is about."""
        return self.formula.used_columns if self.formula else ()

    def holds(self, matrix: Floats) -> Mask:
        """Tell in which rows, apart from whether the parent is active itself."""
        held = np.ones(len(matrix), dtype=bool)
        if self.parent is not None:
            held = np.logical_or.reduce([matrix[:, self.parent] == i for i in self.choices])
        return held if self.formula is None else held & (self.formula(matrix) == 1)


class Activity:
    """The conditions of a space's parameters, in the order in which they are settled.

    Raises
    ------
    ValueError
        When a condition is about something that does not stand before it.
    """

    def __init__(self, parameters: Sequence[Parameter]) -> None:
        self._parameters = parameters
        self._index = {parameter.name: i for i, parameter in enumerate(parameters)}
        self._domains = {parameter.name: parameter.domain for parameter in parameters}
        self.steps = tuple(self._steps())

    def clear(self, matrix: Floats) -> Floats:
        """Overwrite with NaN, in place, what is inactive in each row of (n, d)."""
        for step in self.steps:
            matrix[~step.holds(matrix), step.columns] = np.nan
        return matrix

    def mask(self, matrix: Floats) -> Mask:
        """Tell what is active in each row, shape (n, d)."""
        mask = np.ones(matrix.shape, dtype=bool)
        for step in self.steps:
            held = step.holds(matrix)
            if step.parent is not None:
                held &= mask[:, step.parent]
            mask[:, step.columns] = held[:, None]
        return mask

    def possible(self, low: Floats, high: Floats) -> Floats:
        """Tell what can be active in boxes of rows: 1 where it is, 0 where not, 0.5 for either.

        Parameters
        ----------
        low, high : ndarray, shape (m, d)
        """
        activity = np.ones(low.shape)
        for step in self.steps:
            can, must = np.ones(len(low), dtype=bool), np.ones(len(low), dtype=bool)
            if step.parent is not None:
                parent = activity[:, step.parent]
                first, last = low[:, step.parent], high[:, step.parent]
                inside = sum(((first <= c) & (c <= last)).astype(int) for c in step.choices)
                can = (inside > 0) & (parent > 0)
                must = (inside == last - first + 1) & (parent == 1)
            if step.formula is not None:
                found = step.formula.possible_truth(Boxes(low, high, activity))
                can, must = can & found.true, must & ~found.false & ~found.unknown
            activity[:, step.columns] = np.where(must, 1.0, np.where(can, 0.5, 0.0))[:, None]
        return activity

    def _steps(self) -> Iterator[Step]:
        numbered = enumerate(self._parameters)
        for (when, condition), group in groupby(numbered, lambda pair: _reason(pair[1])):
            columns = [column for column, _ in group]
            if when or condition:
                first = columns[0]
                parent = self._parent(when, first) if when else None
                formula = self._formula(condition, first) if condition else None
                choices = when.choices if when else ()
                yield Step(slice(first, columns[-1] + 1), parent, choices, formula)

    def needs(self, columns: Iterable[int]) -> list[int]:
        """List the columns that decide on some and on whether they are active, in order."""
        needed: set[int] = set()
        waiting = list(columns)
        while waiting:
            column = waiting.pop()
            if column not in needed:
                needed.add(column)
                waiting += self._reasons.get(column, ())
        return sorted(needed)

    @cached_property
    def _reasons(self) -> dict[int, list[int]]:
        """List for each conditional column those that its activity depends on."""
        return {
            column: [*([] if step.parent is None else [step.parent]), *step.about]
            for step in self.steps
            for column in range(step.columns.start, step.columns.stop)
        }

    def _parent(self, when: Condition, column: int) -> int:
        parent = self._index.get(when.parent, column)
        if parent >= column or not isinstance(
            self._parameters[parent].domain, Categorical | Nested
        ):
            raise ValueError(f"`{when.parent}` is no choice that stands before its dependants")
        return parent

    def _formula(self, condition: Expression, column: int) -> Formula:
        for reference in references(condition):
            if self._index.get(reference.name, column) >= column:
                raise ValueError(f"`{reference.name}` does not stand before what depends on it")
        return Formula(condition, self._index, self._domains)


def _reason(parameter: Parameter) -> tuple[Condition | None, Expression | None]:
    return parameter.when, parameter.condition

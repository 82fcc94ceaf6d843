"""Determine which parameters are active: their branch is taken and their condition is true.

A condition refers only to parameters that precede its own parameter. So one pass over the columns
from left to right decides the activity of all parameters, for all rows of a matrix at once.
`possible` does the same for boxes of rows, with three results: active, inactive or possibly active
(decision 0007).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..domains import Categorical, Nested
from ..expressions import Boxes, Expression, Formula, references
from .parameters import Condition, Parameter

Floats: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Step:
    """Consecutive columns with the same branch and the same condition, which are active together.

    A space with many parameters has few branches and conditions. Evaluating a step takes no longer
    than evaluating a single column, so steps save time.
    """

    columns: slice
    parent: int | None
    """Column of the nested choice; None if the columns are not in a branch."""
    choices: tuple[int, ...]
    """Indices of the branches of the nested choice that contain the columns."""
    formula: Formula | None
    """The condition; None if the columns have no condition."""

    @property
    def about(self) -> Sequence[int]:
        """The columns that the condition refers to."""
        return self.formula.used_columns if self.formula else ()

    def holds(self, matrix: Floats) -> Mask:
        """Return a mask of the rows in which the branch is taken and the condition is true.

        The value of an inactive parent is NaN, which does not equal any index. So if inactive
        parents are already NaN, their branches count as not taken.
        """
        held = np.ones(len(matrix), dtype=bool)
        if self.parent is not None:
            held = np.logical_or.reduce([matrix[:, self.parent] == i for i in self.choices])
        return held if self.formula is None else held & (self.formula(matrix) == 1)


class Activity:
    """The conditions of a space's parameters, in the order in which they are evaluated.

    Raises
    ------
    ValueError
        If a condition refers to a parameter that does not precede its own parameter.
    """

    def __init__(self, parameters: Sequence[Parameter]) -> None:
        self._parameters = parameters
        self._index = {parameter.name: i for i, parameter in enumerate(parameters)}
        self._domains = {parameter.name: parameter.domain for parameter in parameters}
        self.steps = tuple(self._steps())

    def clear(self, matrix: Floats) -> Floats:
        """Set the values of inactive parameters to NaN, in place, in a matrix of shape (n, d)."""
        for step in self.steps:
            matrix[~step.holds(matrix), step.columns] = np.nan
        return matrix

    def mask(self, matrix: Floats) -> Mask:
        """Return a mask of the parameters that are active in each row, shape (n, d)."""
        mask = np.ones(matrix.shape, dtype=bool)
        for step in self.steps:
            held = step.holds(matrix)
            if step.parent is not None:
                held &= mask[:, step.parent]
            mask[:, step.columns] = held[:, None]
        return mask

    def possible(self, low: Floats, high: Floats) -> Floats:
        """Return the activity in boxes of rows: 1 is active, 0 is inactive, 0.5 is undecided.

        Parameters
        ----------
        low, high : ndarray, shape (m, d)
            Lower and upper corners of m boxes, with bounds for inactive parameters too.

        Returns
        -------
        ndarray, shape (m, d)
        """
        activity = np.ones(low.shape)
        for step in self.steps:
            can, must = np.ones(len(low), dtype=bool), np.ones(len(low), dtype=bool)
            if step.parent is not None:
                parent = activity[:, step.parent]
                first, last = low[:, step.parent], high[:, step.parent]
                inside = sum(((first <= c) & (c <= last)).astype(int) for c in step.choices)
                can = (inside > 0) & (parent > 0)
                # The branch is certainly taken if all indices from first to last are among the
                # choices.
                must = (inside == last - first + 1) & (parent == 1)
            if step.formula is not None:
                found = step.formula.possible_truth(Boxes(low, high, activity))
                can, must = can & found.true, must & ~found.false & ~found.unknown
            activity[:, step.columns] = np.where(must, 1.0, np.where(can, 0.5, 0.0))[:, None]
        return activity

    def needs(self, columns: Iterable[int]) -> list[int]:
        """List the given columns, and all columns that decide whether these are active."""
        needed: set[int] = set()
        waiting = list(columns)
        while waiting:
            column = waiting.pop()
            if column not in needed:
                needed.add(column)
                waiting += self._reasons.get(column, ())
        return sorted(needed)

    def _steps(self) -> Iterator[Step]:
        numbered = enumerate(self._parameters)
        for (when, condition), group in groupby(numbered, lambda n: (n[1].when, n[1].condition)):
            columns = [column for column, _ in group]
            if when or condition:
                first = columns[0]
                parent = self._parent(when, first) if when else None
                formula = self._formula(condition, first) if condition else None
                choices = when.choices if when else ()
                yield Step(slice(first, columns[-1] + 1), parent, choices, formula)

    @cached_property
    def _reasons(self) -> dict[int, list[int]]:
        """Mapping from each conditional column to the columns that it directly depends on."""
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
            raise ValueError(f"`{when.parent}` is not a choice that precedes its branches")
        return parent

    def _formula(self, condition: Expression, column: int) -> Formula:
        for reference in references(condition):
            if self._index.get(reference.name, column) >= column:
                raise ValueError(
                    f"`{reference.name}` does not precede the parameter that depends on it"
                )
        return Formula(condition, self._index, self._domains)

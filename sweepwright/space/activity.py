"""Which parameters are active: those whose branch was taken and whose condition holds.

A condition refers only to parameters that precede its own. Going through the columns from left
to right therefore decides each on decided ones, for all rows of a matrix at once. `possible` does
the same for boxes of rows, in Kleene's logic of true, false and either (decision 0007).
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
    """Consecutive columns that are active together: in one branch, under one condition.

    A space of many parameters has few branches and conditions, so a step costs what one of its
    columns would.
    """

    columns: slice
    parent: int | None
    """Column of the choice that the branch belongs to; None outside of any branch."""
    choices: tuple[int, ...]
    """Indices of the parent's choices that take the branch."""
    formula: Formula | None
    """The condition; None without one."""

    @property
    def about(self) -> Sequence[int]:
        """The columns that the condition is about."""
        return self.formula.used_columns if self.formula else ()

    def holds(self, matrix: Floats) -> Mask:
        """Tell in which rows the branch is taken and the condition holds.

        An inactive parent is NaN, which equals no choice: `clear` needs no further test.
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
        When a condition refers to something that does not precede its parameter.
    """

    def __init__(self, parameters: Sequence[Parameter]) -> None:
        self._parameters = parameters
        self._index = {parameter.name: i for i, parameter in enumerate(parameters)}
        self._domains = {parameter.name: parameter.domain for parameter in parameters}
        self.steps = tuple(self._steps())

    def clear(self, matrix: Floats) -> Floats:
        """Set inactive values to NaN, in place, in each row of (n, d)."""
        for step in self.steps:
            matrix[~step.holds(matrix), step.columns] = np.nan
        return matrix

    def mask(self, matrix: Floats) -> Mask:
        """Tell which parameters are active in each row, shape (n, d)."""
        mask = np.ones(matrix.shape, dtype=bool)
        for step in self.steps:
            held = step.holds(matrix)
            if step.parent is not None:
                held &= mask[:, step.parent]
            mask[:, step.columns] = held[:, None]
        return mask

    def possible(self, low: Floats, high: Floats) -> Floats:
        """Bound the activity in boxes of rows: 1 is active, 0 inactive, 0.5 either.

        Parameters
        ----------
        low, high : ndarray, shape (m, d)
            Corners of m boxes, for every parameter as if it were active.

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
                # All indices from first to last are among the choices.
                must = (inside == last - first + 1) & (parent == 1)
            if step.formula is not None:
                found = step.formula.possible_truth(Boxes(low, high, activity))
                can, must = can & found.true, must & ~found.false & ~found.unknown
            activity[:, step.columns] = np.where(must, 1.0, np.where(can, 0.5, 0.0))[:, None]
        return activity

    def needs(self, columns: Iterable[int]) -> list[int]:
        """List, in order, the given columns and all that their activity depends on."""
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
        """The columns that each conditional column depends on directly."""
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
                raise ValueError(f"`{reference.name}` does not precede what depends on it")
        return Formula(condition, self._index, self._domains)

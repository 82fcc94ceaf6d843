"""Search spaces: ordered parameters with their domains and conditions, as columns of floats.

A space turns assignments (nested dicts, what a trial receives) into a matrix with a row for
each assignment and a column for each parameter, and back. A column holds the value itself,
or for a choice its index; NaN where the parameter is inactive. Tuners work on such matrices
and on the unit cube, where the prior is uniform.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from ._assignments import NAME_KEY, Misfit, compose, enter
from ._columns import Columns, Floats, Indices, Mask
from .domains import (
    Categorical,
    Condition,
    Domain,
    Integer,
    Nested,
    Normal,
    Ordinal,
    Parameter,
    Real,
)
from .faults import fault


class SearchSpace:
    """Ordered parameters, parents before the parameters that depend on them.

    Raises
    ------
    ValueError
        When two parameters share a name, a domain has no values, or a condition names no
        earlier choice.
    """

    def __init__(self, parameters: Sequence[Parameter]) -> None:
        self.parameters = tuple(parameters)
        self.index = {p.name: i for i, p in enumerate(self.parameters)}
        if len(self.index) < len(self.parameters):
            raise ValueError("two parameters share a name")
        for parameter in self.parameters:
            if wrong := fault(parameter.domain):
                raise ValueError(f"`{parameter.name}` has no values: {wrong}")
        self._columns = Columns([p.domain for p in self.parameters])
        self._conditional = [
            (j, self._parent(p.when, j), np.asarray(p.when.choices, dtype=float))
            for j, p in enumerate(self.parameters)
            if p.when
        ]

    def __len__(self) -> int:
        """Count the parameters, d."""
        return len(self.parameters)

    def __eq__(self, other: object) -> bool:
        """Tell whether both hold the same parameters in the same order."""
        return isinstance(other, SearchSpace) and self.parameters == other.parameters

    def __hash__(self) -> int:
        """Hash the names alone, which is cheap and enough."""
        return hash(tuple(self.index))

    def sample(self, rng: np.random.Generator, n: int) -> Floats:
        """Draw n assignments from the prior, shape (n, d)."""
        return self.from_unit(rng.random((n, len(self))))

    def neighbours(self, row: Floats, rng: np.random.Generator, n: int) -> Floats:
        """Draw n variants of an assignment that differ from it in one active parameter.

        A choice becomes another choice; a number takes a normal step of 0.2 in the unit
        cube, reflected at the ends. Parameters that this activates are drawn from the prior.

        Parameters
        ----------
        row : ndarray, shape (d,)

        Returns
        -------
        ndarray, shape (n, d)
        """
        active = ~np.isnan(row)
        movable = self._columns.movable(np.flatnonzero(active))
        if not len(movable):
            return np.repeat(row[None, :], n, axis=0)
        chosen = (np.arange(n), rng.choice(movable, size=n))
        matrix = self._vary(row, chosen, rng)
        kept = np.repeat(active[None, :], n, axis=0)
        kept[chosen] = False
        return self._without_inactive(np.where(kept, row, matrix))

    def feasible(self, matrix: Floats) -> Mask:
        """Tell which rows of (n, d) belong to the space, conditions included; shape (n,)."""
        inside = self._columns.contains(matrix)
        active = self.active(matrix)
        return np.asarray(np.where(active, inside, np.isnan(matrix)).all(axis=1))

    def active(self, matrix: Floats) -> Mask:
        """Tell which parameters the choices of each row activate; shape (n, d)."""
        mask = np.ones(matrix.shape, dtype=bool)
        for column, parent, choices in self._conditional:
            mask[:, column] = mask[:, parent] & np.isin(matrix[:, parent], choices)
        return mask

    def unit(self, matrix: Floats) -> Floats:
        """Map rows to the unit cube by the prior's distribution function; NaN stays NaN."""
        return self._columns.to_unit(matrix)

    def from_unit(self, cube: Floats) -> Floats:
        """Map points of the unit cube, shape (n, d), to rows; what is inactive becomes NaN.

        Inverse of `unit`; values are rounded to their step and never leave the domain.
        """
        return self._without_inactive(self._columns.from_unit(cube))

    def decode(self, matrix: Floats) -> list[dict[str, Any]]:
        """Make the assignments that trials receive of rows, shape (n, d)."""
        return [compose(self.parameters, row) for row in matrix.tolist()]

    def encode(self, assignments: Sequence[Mapping[str, Any]]) -> Floats:
        """Make rows of assignments, shape (n, d).

        Raises
        ------
        ValueError
            When an assignment is not of this space; `misfits` tells where.
        """
        rows = np.full((len(assignments), len(self)), np.nan)
        for row, assignment in zip(rows, assignments, strict=True):
            if misfits := enter(self.parameters, assignment, row):
                raise ValueError("; ".join(f"{'.'.join(m.path)} {m.message}" for m in misfits))
        return rows

    def misfits(self, assignment: Mapping[str, Any]) -> list[Misfit]:
        """Find every value of an assignment that this space does not hold."""
        return enter(self.parameters, assignment, np.full(len(self), np.nan))

    @cached_property
    def size(self) -> int | None:
        """Number of different assignments, None when there is no end of them."""
        children: dict[str | None, list[Parameter]] = {}
        for parameter in self.parameters:
            parent = parameter.when.parent if parameter.when else None
            children.setdefault(parent, []).append(parameter)
        return _count(children.get(None, []), children)

    def _parent(self, when: Condition, column: int) -> int:
        parent = self.index.get(when.parent, column)
        if parent >= column or not isinstance(
            self.parameters[parent].domain, Categorical | Nested
        ):
            raise ValueError(f"`{when.parent}` is no choice that stands before its dependants")
        return parent

    def _vary(
        self, row: Floats, chosen: tuple[Indices, Indices], rng: np.random.Generator
    ) -> Floats:
        """Repeat a row with the chosen cells changed and what is inactive drawn afresh."""
        lines, columns = chosen
        cube = np.repeat(self.unit(row[None, :]), len(lines), axis=0)
        cube = np.where(np.isnan(cube), rng.random(cube.shape), cube)
        cube[chosen] = self._columns.step(cube[chosen], columns, rng)
        matrix = self._columns.from_unit(cube)
        matrix[chosen] = self._columns.switch(matrix[chosen], columns, rng)
        same = matrix[chosen] == row[columns]
        stuck = (lines[same], columns[same])
        matrix[stuck] = self._columns.nudge(matrix[stuck], columns[same], rng)
        return matrix

    def _without_inactive(self, matrix: Floats) -> Floats:
        """Overwrite with NaN what the choices of each row do not activate."""
        for column, parent, choices in self._conditional:
            matrix[~np.isin(matrix[:, parent], choices), column] = np.nan
        return matrix


def _count(
    siblings: list[Parameter], children: Mapping[str | None, list[Parameter]]
) -> int | None:
    """Multiply the siblings' counts; a choice counts, for each option, what it activates."""
    total = 1
    for parameter in siblings:
        count = _options(parameter, children)
        if count is None:
            return None
        total *= count
    return total


def _options(parameter: Parameter, children: Mapping[str | None, list[Parameter]]) -> int | None:
    dependants = children.get(parameter.name)
    if not dependants:
        return parameter.domain.size
    total = 0
    for choice in range(parameter.domain.size or 0):
        active = [p for p in dependants if p.when and choice in p.when.choices]
        count = _count(active, children)
        if count is None:
            return None
        total += count
    return total


__all__ = [
    "NAME_KEY",
    "Categorical",
    "Condition",
    "Domain",
    "Integer",
    "Misfit",
    "Nested",
    "Normal",
    "Ordinal",
    "Parameter",
    "Real",
    "SearchSpace",
]

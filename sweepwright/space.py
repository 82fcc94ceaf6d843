"""Search spaces: ordered parameters with their domains and conditions, as columns of floats.

A space turns assignments (nested dicts, what a trial receives) into a matrix with a row for
each assignment and a column for each parameter, and back. A column holds the value itself,
or for a choice its index; NaN where the parameter is inactive. Tuners work on such matrices
and on the unit cube, where the prior is uniform.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ._columns import Columns
from .domains import (
    Categorical,
    Condition,
    Domain,
    Integer,
    Nested,
    Normal,
    Parameter,
    Real,
)

Floats: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]

NAME_KEY = "_name"
"""Key under which a nested choice carries its branch's name."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """A value of an assignment that the space does not hold."""

    path: tuple[str, ...]
    message: str


class SearchSpace:
    """Ordered parameters, parents before the parameters that depend on them.

    Raises
    ------
    ValueError
        When two parameters share a name, or a condition names no earlier choice.
    """

    def __init__(self, parameters: Sequence[Parameter]) -> None:
        """Arrange the parameters as columns."""
        self.parameters = tuple(parameters)
        self.index = {p.name: i for i, p in enumerate(self.parameters)}
        if len(self.index) < len(self.parameters):
            raise ValueError("two parameters share a name")
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
        cube = np.repeat(self.unit(row[None, :]), n, axis=0)
        fresh = rng.random(cube.shape)
        active = np.flatnonzero(~np.isnan(row))
        cube = np.where(np.isnan(cube), fresh, cube)
        movable = active[self._columns.sizes[active] != 1]
        if not len(movable):
            return self.from_unit(cube)
        chosen = rng.choice(movable, size=n)
        lines = np.arange(n)
        cube[lines, chosen] = self._columns.step(cube[lines, chosen], chosen, rng)
        return self.from_unit(cube)

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
        matrix = self._columns.from_unit(cube)
        for column, parent, choices in self._conditional:
            matrix[~np.isin(matrix[:, parent], choices), column] = np.nan
        return matrix

    def decode(self, matrix: Floats) -> list[dict[str, Any]]:
        """Make the assignments that trials receive of rows, shape (n, d)."""
        return [self._assignment(row) for row in matrix.tolist()]

    def encode(self, assignments: Sequence[Mapping[str, Any]]) -> Floats:
        """Make rows of assignments, shape (n, d).

        Raises
        ------
        ValueError
            When an assignment is not of this space; `misfits` tells where.
        """
        rows = np.full((len(assignments), len(self)), np.nan)
        for row, assignment in zip(rows, assignments, strict=True):
            misfits = self._enter(assignment, row)
            if misfits:
                raise ValueError("; ".join(f"{'.'.join(m.path)} {m.message}" for m in misfits))
        return rows

    def misfits(self, assignment: Mapping[str, Any]) -> list[Misfit]:
        """Find every value of an assignment that this space does not hold."""
        return self._enter(assignment, np.full(len(self), np.nan))

    @cached_property
    def size(self) -> int | None:
        """Number of different assignments, None when there is no end of them."""
        children: dict[str | None, list[Parameter]] = {}
        for parameter in self.parameters:
            children.setdefault(parameter.when and parameter.when.parent, []).append(parameter)
        return _count(children.get(None, []), children)

    def _parent(self, when: Condition, column: int) -> int:
        parent = self.index.get(when.parent, column)
        if parent >= column or not isinstance(
            self.parameters[parent].domain, Categorical | Nested
        ):
            raise ValueError(f"`{when.parent}` is no choice that stands before its dependants")
        return parent

    def _assignment(self, row: list[float]) -> dict[str, Any]:
        assignment: dict[str, Any] = {}
        for parameter, number in zip(self.parameters, row, strict=True):
            if number == number:  # noqa: PLR0124 - NaN marks an inactive parameter
                _place(assignment, parameter, parameter.domain.value(number))
        return assignment

    def _enter(self, assignment: Mapping[str, Any], row: Floats) -> list[Misfit]:
        """Fill a row with an assignment's values; return what does not fit."""
        found: list[Misfit] = []
        for column, parameter in enumerate(self.parameters):
            if self._is_active(column, row):
                value = _look_up(assignment, parameter)
                number = parameter.domain.number(value)
                row[column] = np.nan if number is None else number
                if number is None:
                    found.append(Misfit(parameter.path, _complaint(parameter, value)))
        return found + list(self._strangers(assignment, row))

    def _is_active(self, column: int, row: Floats) -> bool:
        when = self.parameters[column].when
        return when is None or row[self.index[when.parent]] in when.choices

    def _strangers(self, assignment: Mapping[str, Any], row: Floats) -> Iterator[Misfit]:
        known: set[tuple[str, ...]] = set()
        for parameter, number in zip(self.parameters, row, strict=True):
            suffix = (NAME_KEY,) if isinstance(parameter.domain, Nested) else ()
            if not np.isnan(number):
                known.add(parameter.path + suffix)
        bad = {p.path for p, number in zip(self.parameters, row, strict=True) if np.isnan(number)}
        for path in _leaves(assignment, ()):
            if path not in known and path not in bad and path[:-1] not in bad:
                yield Misfit(path, "is no parameter that is active here")


class _Absent:
    """Stands for a value that an assignment lacks."""

    def __repr__(self) -> str:
        return "nothing"


_ABSENT = _Absent()


def _place(assignment: dict[str, Any], parameter: Parameter, value: Any) -> None:
    folder = assignment
    for key in parameter.path[:-1]:
        folder = folder[key]
    nested = isinstance(parameter.domain, Nested)
    folder[parameter.path[-1]] = {NAME_KEY: value} if nested else value


def _look_up(assignment: Mapping[str, Any], parameter: Parameter) -> Any:
    path = parameter.path + ((NAME_KEY,) if isinstance(parameter.domain, Nested) else ())
    found: Any = assignment
    for key in path:
        if not isinstance(found, Mapping) or key not in found:
            return _ABSENT
        found = found[key]
    return found


def _complaint(parameter: Parameter, value: Any) -> str:
    if value is _ABSENT:
        return f"is missing: {parameter.domain}"
    return f"is {value!r}, outside {parameter.domain}"


def _leaves(tree: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for key, value in tree.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, (*path, str(key)))
        else:
            yield (*path, str(key))


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
    "Categorical",
    "Condition",
    "Domain",
    "Integer",
    "Misfit",
    "Nested",
    "Normal",
    "Parameter",
    "Real",
    "SearchSpace",
]

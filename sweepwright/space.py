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

from ._activity import Activity
from ._assignments import Misfit, enter
from ._columns import Columns, Floats, Mask
from ._counting import count, every_row
from ._decoding import decode
from ._encoding import Encoder
from ._layout import NAME_KEY, Located, Section, lay_out
from ._rejection_sampling import MOST_CELLS, InfeasibleError, draw_permitted, vary_permitted
from .domain_checks import fault
from .domains import Categorical, Domain, Integer, Nested, Normal, Ordinal, Real
from .expressions import Expression, Formula
from .parameters import Condition, Derived, Parameter
from .seeds import rng as seeded

SHARE_DRAWS = 20_000
"""Draws from the prior by which the share is judged that meets the constraints."""
CACHED_CELLS = 65_536
"""Numbers that are worked on together, so that what comes in between stays in the cache."""
MOST_COUNTED = 100_000
"""Assignments that are counted one by one, where conditions and constraints leave some out."""


class SearchSpace:
    """Ordered parameters, constraints on them, and values derived from them.

    Whatever a condition is about stands before the parameter that it is of.

    Raises
    ------
    ValueError
        When two parameters share a name, a domain has no values, a condition is about
        nothing that stands before it, or a path leads through something that is no dict.
    """

    def __init__(
        self,
        parameters: Sequence[Parameter],
        constraints: Sequence[Expression] = (),
        derived: Sequence[Derived] = (),
    ) -> None:
        self.parameters = tuple(parameters)
        self.constraints = tuple(constraints)
        """What an assignment breaks where it is false; unknown, for want of an active
        parameter, it is kept."""
        self.derived = tuple(derived)
        self.index = {p.name: i for i, p in enumerate(self.parameters)}
        if len(self.index) < len(self.parameters):
            raise ValueError("two parameters share a name")
        for parameter in self.parameters:
            if wrong := fault(parameter.domain):
                raise ValueError(f"`{parameter.name}` has no values: {wrong}")
        self._columns = Columns([p.domain for p in self.parameters])
        self.conditions = Activity(self.parameters)
        """What activates parameters, by branches and by conditions of their own."""
        self._constraints = [self.formula(constraint) for constraint in self.constraints]
        self._derivations = [
            (
                self.formula(value.expression),
                self.formula(value.condition) if value.condition else None,
            )
            for value in self.derived
        ]

    def __len__(self) -> int:
        """Count the parameters, d."""
        return len(self.parameters)

    def __eq__(self, other: object) -> bool:
        """Tell whether both hold the same in the same order."""
        return isinstance(other, SearchSpace) and self._parts == other._parts

    def __hash__(self) -> int:
        """Hash the names alone, which is cheap and enough."""
        return hash(tuple(self.index))

    def sample(self, rng: np.random.Generator, n: int) -> Floats:
        """Draw n assignments from the prior, those that break a constraint again; (n, d).

        Raises
        ------
        InfeasibleError
            When four million draws did not bring enough that meet the constraints.
        """
        if not self.constraints or not n:
            return self._draw(rng, n)
        return draw_permitted(lambda count: self._draw(rng, count), self._permitted, n, len(self))

    def neighbours(self, row: Floats, rng: np.random.Generator, n: int) -> Floats:
        """Draw n variants of an assignment that differ from it in one active parameter.

        A choice becomes another choice; a number takes a normal step of 0.2 in the unit
        cube, reflected at the ends. Parameters that this activates are drawn from the prior.
        Where no such variant is found that meets the constraints, one is drawn from the prior.

        Parameters
        ----------
        row : ndarray, shape (d,)

        Returns
        -------
        ndarray, shape (n, d)
        """
        return vary_permitted(
            lambda count: self._variants(row, rng, count),
            lambda count: self.sample(rng, count),
            self._permitted,
            n,
        )

    def feasible(self, matrix: Floats) -> Mask:
        """Tell which rows of (n, d) belong to the space, by all it asks for; shape (n,)."""
        return self._fits(matrix) & self._permitted(matrix)

    def active(self, matrix: Floats) -> Mask:
        """Tell which parameters the values of each row activate; shape (n, d)."""
        return self.conditions.mask(matrix)

    def without_inactive(self, matrix: Floats) -> Floats:
        """Copy rows with NaN wherever a parameter is inactive; shape (n, d)."""
        return self.conditions.clear(matrix.copy())

    def unit(self, matrix: Floats) -> Floats:
        """Map rows to the unit cube by the prior's distribution function; NaN stays NaN."""
        return self._columns.to_unit(matrix)

    def from_unit(self, cube: Floats) -> Floats:
        """Map points of the unit cube, shape (n, d), to rows; what is inactive becomes NaN.

        Inverse of `unit`; values are rounded to their step and never leave the domain. What
        comes of it may break constraints: `feasible` tells.
        """
        rows = max(1, CACHED_CELLS // max(1, len(self)))
        matrix = np.empty(cube.shape)
        for first in range(0, len(cube), rows):
            part = self._columns.from_unit(cube[first : first + rows])
            matrix[first : first + rows] = self.conditions.clear(part)
        return matrix

    def decode(self, matrix: Floats) -> list[dict[str, Any]]:
        """Make the assignments that trials receive of rows, shape (n, d)."""
        derived = [value.values(matrix, where) for value, where in self._derivations]
        return decode(self._root, self.parameters, matrix, derived)

    def encode(self, assignments: Sequence[Mapping[str, Any]]) -> Floats:
        """Make rows of assignments, shape (n, d); derived values may be absent.

        Raises
        ------
        ValueError
            When an assignment is not of this space, constraints aside; `misfits` tells where.
        """
        rows = np.full((len(assignments), len(self)), np.nan)
        if self._encoder.fill(assignments, rows) and self._fits(rows).all():
            return rows
        rows = np.full((len(assignments), len(self)), np.nan)
        for row, assignment in zip(rows, assignments, strict=True):
            if misfits := self._enter(assignment, row):
                raise ValueError("; ".join(f"{'.'.join(m.path)} {m.message}" for m in misfits))
        return rows

    def misfits(self, assignment: Mapping[str, Any], *, complete: bool = False) -> list[Misfit]:
        """Find every value of an assignment that this space does not hold.

        To complete is to take defaults for what is missing, as `completed` does.
        """
        row = np.full(len(self), np.nan)
        misfits = self._enter(assignment, row, complete=complete)
        return misfits or [
            Misfit((), f"breaks the constraint `{constraint}`")
            for constraint, formula in zip(self.constraints, self._constraints, strict=True)
            if formula(row[None, :])[0] == 0
        ]

    def completed(self, assignment: Mapping[str, Any]) -> dict[str, Any]:
        """Fill up an assignment with defaults; one that has misfits nevertheless is garbled."""
        row = np.full(len(self), np.nan)
        self._enter(assignment, row, complete=True)
        return self.decode(row[None, :])[0]

    def formula(self, expression: Expression) -> Formula:
        """Bind an expression about parameters, by their full names, to the columns."""
        return Formula(expression, self.index, {p.name: p.domain for p in self.parameters})

    @cached_property
    def size(self) -> int | None:
        """Number of different assignments, None when there is no end of them.

        An upper bound unless `counted`.
        """
        bound = count(self.parameters)
        if bound is None or not self._restricted or bound > MOST_COUNTED:
            return bound
        return int(self._permitted(every_row(self.parameters, self.conditions)).sum())

    @property
    def counted(self) -> bool:
        """Whether `size` is exact, rather than the most that conditions and constraints leave."""
        bound = count(self.parameters)
        return not self._restricted or bound is None or bound <= MOST_COUNTED

    @cached_property
    def share(self) -> float:
        """Share of the prior that meets the constraints, as 20,000 draws have it."""
        return self.share_of(SHARE_DRAWS)

    def share_of(self, draws: int) -> float:
        """Judge by so many draws what share of the prior meets the constraints."""
        if not self.constraints:
            return 1.0
        source = seeded(0, "share")
        batch = max(1, min(draws, MOST_CELLS // len(self)))
        kept = [self._permitted(self._draw(source, batch)).mean() for _ in range(draws // batch)]
        return float(np.mean(kept))

    @property
    def _parts(self) -> tuple[Any, ...]:
        return self.parameters, self.constraints, self.derived

    @property
    def _restricted(self) -> bool:
        return bool(self.constraints) or any(p.condition for p in self.parameters)

    @cached_property
    def _root(self) -> Section:
        located = [Located(d.path, d.when, sure=d.condition is None) for d in self.derived]
        return lay_out(self.parameters, located)

    @cached_property
    def _encoder(self) -> Encoder:
        return Encoder(self._root, self.parameters)

    def _enter(
        self, assignment: Mapping[str, Any], row: Floats, *, complete: bool = False
    ) -> list[Misfit]:
        paths = [derived.path for derived in self.derived]
        steps = self.conditions.steps
        return enter(self.parameters, steps, paths, assignment, row, complete=complete)

    def _draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Draw from the prior, whatever constraints say."""
        return self.from_unit(rng.random((n, len(self))))

    def _fits(self, matrix: Floats) -> Mask:
        """Tell which rows have just the active values, each of its domain."""
        inside = self._columns.contains(matrix)
        return np.asarray(np.where(self.active(matrix), inside, np.isnan(matrix)).all(axis=1))

    def _permitted(self, matrix: Floats) -> Mask:
        """Tell which rows break no constraint."""
        kept = np.ones(len(matrix), dtype=bool)
        for formula in self._constraints:
            kept &= formula(matrix) != 0
        return kept

    def _variants(self, row: Floats, rng: np.random.Generator, n: int) -> Floats:
        """Draw variants of a row in one active parameter, whatever constraints say."""
        active = ~np.isnan(row)
        movable = self._columns.movable(np.flatnonzero(active))
        if not len(movable):
            return np.repeat(row[None, :], n, axis=0)
        chosen = (np.arange(n), rng.choice(movable, size=n))
        matrix = self._columns.vary(row, chosen, rng)
        kept = np.repeat(active[None, :], n, axis=0)
        kept[chosen] = False
        return self.conditions.clear(np.where(kept, row, matrix))


__all__ = [
    "NAME_KEY",
    "Categorical",
    "Condition",
    "Derived",
    "Domain",
    "InfeasibleError",
    "Integer",
    "Misfit",
    "Nested",
    "Normal",
    "Ordinal",
    "Parameter",
    "Real",
    "SearchSpace",
]

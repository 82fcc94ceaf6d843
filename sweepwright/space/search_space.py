"""The search space: encode assignments as rows of floats, draw them, and check them.

A trial receives an assignment as nested dicts. A space encodes assignments as a matrix that has a
row for each assignment and a column for each parameter, and decodes such matrices. A cell holds
the number itself or the index of a choice, and is NaN if the parameter is inactive. Tuners work on
such matrices, and on the unit cube, on which the prior is uniform.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from ..domains import fault
from ..expressions import Expression, Formula
from ..seeds import rng as seeded
from .activity import Activity
from .columns import Columns, Floats, Mask
from .counting import count, every_row
from .decoding import decode
from .encoding import Encoder, Misfit, MisfitKind, encode_checked
from .layout import Located, Section, lay_out
from .parameters import Derived, Parameter
from .rejection_sampling import MOST_CELLS, draw_permitted, vary_permitted

# `SHARE_DRAWS` and `MOST_COUNTED` limit the work to some milliseconds each. `CACHED_CELLS` amounts
# to half a megabyte of floats, about the size of a core's cache. None of the values is tuned
# further.
SHARE_DRAWS = 20_000
"""Number of draws from the prior that estimate the share that satisfies the constraints."""
CACHED_CELLS = 65_536
"""Number of cells that `from_unit` maps at once, so that intermediate arrays stay in the cache."""
MOST_COUNTED = 100_000
"""Largest number of assignments that `size` enumerates to apply conditions and constraints."""


class SearchSpace:
    """An ordered list of parameters, with constraints on them and values derived from them.

    The condition of a parameter refers only to parameters that precede it.

    Raises
    ------
    ValueError
        If two parameters have the same name, if a domain has no values, if a condition refers to a
        parameter that does not precede it, or if a path does not lead into a nested choice.
    """

    def __init__(
        self,
        parameters: Sequence[Parameter],
        constraints: Sequence[Expression] = (),
        derived: Sequence[Derived] = (),
    ) -> None:
        self.parameters = tuple(parameters)
        self.constraints = tuple(constraints)
        """An assignment breaks a constraint that is false for it. A constraint that is unknown,
        because a parameter in it is inactive, is met."""
        self.derived = tuple(derived)
        self.index = {p.name: i for i, p in enumerate(self.parameters)}
        if len(self.index) < len(self.parameters):
            raise ValueError("two parameters share a name")
        for parameter in self.parameters:
            if wrong := fault(parameter.domain):
                raise ValueError(f"`{parameter.name}` has no values: {wrong}")
        self._columns = Columns([p.domain for p in self.parameters])
        self.conditions = Activity(self.parameters)
        """What activates parameters: branches, and conditions of their own."""
        self._constraints = [self.formula(constraint) for constraint in self.constraints]
        self._derivations = [
            (
                self.formula(value.expression),
                self.formula(value.condition) if value.condition else None,
            )
            for value in self.derived
        ]

    def __len__(self) -> int:
        """Return d, the number of parameters."""
        return len(self.parameters)

    def __eq__(self, other: object) -> bool:
        """Tell whether two spaces have the same parts in the same order."""
        return isinstance(other, SearchSpace) and self._parts == other._parts

    def __hash__(self) -> int:
        """Hash only the names of the parameters, which is fast and sufficient for a hash."""
        return hash(tuple(self.index))

    def sample(self, rng: np.random.Generator, n: int) -> Floats:
        """Draw n assignments from the prior, all of which satisfy the constraints; shape (n, d).

        Raises
        ------
        InfeasibleError
            If four million draws do not yield n assignments that satisfy the constraints.
        """
        if not self.constraints or not n:
            return self._draw(rng, n)
        return draw_permitted(lambda count: self._draw(rng, count), self._permitted, n, len(self))

    def neighbours(self, row: Floats, rng: np.random.Generator, n: int) -> Floats:
        """Draw n variants of an assignment, each of which differs from it in one active parameter.

        A choice is replaced by another choice. A number takes a normal step with standard
        deviation 0.2 in the unit cube, and is reflected at 0 and 1. Parameters that become active
        through the change are drawn from the prior. If no variant that satisfies the constraints
        is found, a draw from the prior replaces the variant.

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
        """Return a mask, shape (n,), of the rows that are valid and satisfy the constraints."""
        return self._fits(matrix) & self._permitted(matrix)

    def active(self, matrix: Floats) -> Mask:
        """Return a mask of the parameters that are active in each row; shape (n, d)."""
        return self.conditions.mask(matrix)

    def without_inactive(self, matrix: Floats) -> Floats:
        """Copy rows, shape (n, d), and set the values of inactive parameters to NaN."""
        return self.conditions.clear(matrix.copy())

    def unit(self, matrix: Floats) -> Floats:
        """Map rows to the unit cube by the distribution functions of the priors; NaN stays NaN."""
        return self._columns.to_unit(matrix)

    def from_unit(self, cube: Floats) -> Floats:
        """Map points of the unit cube, shape (n, d), to rows, with NaN for inactive parameters.

        This is the inverse of `unit`, except that values are rounded to their steps. Values are
        always in their domains, but rows may violate constraints (see `feasible`).
        """
        rows = max(1, CACHED_CELLS // max(1, len(self)))
        matrix = np.empty(cube.shape)
        for first in range(0, len(cube), rows):
            part = self._columns.from_unit(cube[first : first + rows])
            matrix[first : first + rows] = self.conditions.clear(part)
        return matrix

    def decode(self, matrix: Floats) -> list[dict[str, Any]]:
        """Convert rows, shape (n, d), to assignments as trials receive them."""
        derived = [value.values(matrix, where) for value, where in self._derivations]
        return decode(self._root, self.parameters, matrix, derived)

    def encode(self, assignments: Sequence[Mapping[str, Any]]) -> Floats:
        """Convert assignments, with or without derived values, to rows of shape (n, d).

        Raises
        ------
        ValueError
            If an assignment has a misfit other than a violated constraint (see `misfits`).
        """
        rows = np.full((len(assignments), len(self)), np.nan)
        if self._encoder.fill(assignments, rows) and self._fits(rows).all():
            return rows
        rows = np.full((len(assignments), len(self)), np.nan)
        for row, assignment in zip(rows, assignments, strict=True):
            if misfits := self._encode_checked(assignment, row):
                raise ValueError("; ".join(f"{'.'.join(m.path)} {m.message}" for m in misfits))
        return rows

    def misfits(self, assignment: Mapping[str, Any], *, complete: bool = False) -> list[Misfit]:
        """Find every value of an assignment that does not fit this space.

        If `complete` is set, missing values are replaced by defaults, as in `completed`.
        """
        row = np.full(len(self), np.nan)
        misfits = self._encode_checked(assignment, row, complete=complete)
        return misfits or [
            Misfit(MisfitKind.CONSTRAINT, (), f"breaks the constraint `{constraint}`")
            for constraint, formula in zip(self.constraints, self._constraints, strict=True)
            if formula(row[None, :])[0] == 0
        ]

    def completed(self, assignment: Mapping[str, Any]) -> dict[str, Any]:
        """Add defaults for the missing values of an assignment.

        The completed assignment must not have misfits.
        """
        row = np.full(len(self), np.nan)
        self._encode_checked(assignment, row, complete=True)
        return self.decode(row[None, :])[0]

    def formula(self, expression: Expression) -> Formula:
        """Compile an expression, which refers to parameters by full names, for the columns."""
        return Formula(expression, self.index, {p.name: p.domain for p in self.parameters})

    @cached_property
    def size(self) -> int | None:
        """Number of different assignments; None if a domain is continuous.

        The number is an upper bound unless `counted` is true.
        """
        bound = count(self.parameters)
        if bound is None or not self._restricted or bound > MOST_COUNTED:
            return bound
        return int(self._permitted(every_row(self.parameters, self.conditions)).sum())

    @property
    def counted(self) -> bool:
        """Whether `size` is exact, that is, takes conditions and constraints into account."""
        bound = count(self.parameters)
        return not self._restricted or bound is None or bound <= MOST_COUNTED

    @cached_property
    def share(self) -> float:
        """Share of the prior that satisfies the constraints, estimated from 20,000 draws."""
        return self.share_of(SHARE_DRAWS)

    def share_of(self, draws: int) -> float:
        """Estimate the share of the prior that satisfies the constraints."""
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
        located = [Located(d.path, d.when, always=d.condition is None) for d in self.derived]
        return lay_out(self.parameters, located)

    @cached_property
    def _encoder(self) -> Encoder:
        return Encoder(self._root, self.parameters)

    def _encode_checked(
        self, assignment: Mapping[str, Any], row: Floats, *, complete: bool = False
    ) -> list[Misfit]:
        paths = [derived.path for derived in self.derived]
        steps = self.conditions.steps
        return encode_checked(self.parameters, steps, paths, assignment, row, complete=complete)

    def _draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Draw n rows from the prior, which may violate constraints."""
        return self.from_unit(rng.random((n, len(self))))

    def _fits(self, matrix: Floats) -> Mask:
        """Return a mask of the rows in which exactly the active parameters have valid values."""
        inside = self._columns.contains(matrix)
        return np.asarray(np.where(self.active(matrix), inside, np.isnan(matrix)).all(axis=1))

    def _permitted(self, matrix: Floats) -> Mask:
        """Return a mask of the rows that do not violate any constraint."""
        kept = np.ones(len(matrix), dtype=bool)
        for formula in self._constraints:
            kept &= formula(matrix) != 0
        return kept

    def _variants(self, row: Floats, rng: np.random.Generator, n: int) -> Floats:
        """Draw n variants of a row in one active parameter, which may violate constraints."""
        active = ~np.isnan(row)
        movable = self._columns.movable(np.flatnonzero(active))
        if not len(movable):
            return np.repeat(row[None, :], n, axis=0)
        chosen = (np.arange(n), rng.choice(movable, size=n))
        matrix = self._columns.vary(row, chosen, rng)
        kept = np.repeat(active[None, :], n, axis=0)
        kept[chosen] = False
        return self.conditions.clear(np.where(kept, row, matrix))

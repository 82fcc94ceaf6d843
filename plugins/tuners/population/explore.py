"""Exploration: assignments near a given one."""

from collections.abc import Collection
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sweepwright.space import Categorical, Domain, Nested, Ordinal, SearchSpace

Floats: TypeAlias = NDArray[np.float64]

TRIES = 64
"""Variants that are drawn until one meets the constraints."""


class Explorer:
    """Perturbs assignments: numbers by a factor up or down, what has an order by a step.

    Each parameter is drawn from the prior instead with probability `resample`, and so are
    those that were inactive and become active; a choice without order changes in that way alone.

    Parameters
    ----------
    factor
        Share of its size by which a number changes, between 0 and 1; by a step at least.
    kept
        Names of the parameters that do not change.
    """

    def __init__(
        self, space: SearchSpace, factor: float, resample: float, kept: Collection[str] = ()
    ) -> None:
        domains = [parameter.domain for parameter in space.parameters]
        self._space = space
        self._kept = np.array([parameter.name in kept for parameter in space.parameters])
        self._resample = resample
        self._factors = np.array([0.0 if _is_choice(d) else factor for d in domains])
        self._steps = np.array([_step(domain) for domain in domains])

    def variant(self, row: Floats, rng: np.random.Generator) -> Floats:
        """Draw a variant of a row of values, (1, d); the row where constraints leave none."""
        for _ in range(TRIES):
            varied = self._vary(row, rng)
            if self._space.feasible(varied)[0]:
                return varied
        return row

    def _vary(self, row: Floats, rng: np.random.Generator) -> Floats:
        size = np.maximum(np.abs(row) * self._factors, self._steps) * ~self._kept
        moved = row + np.where(rng.random(row.shape) < 0.5, -size, size)  # noqa: PLR2004 - up as often as down
        cube = np.clip(self._space.unit(moved), 0.0, 1.0)
        resampled = (rng.random(row.shape) < self._resample) & ~self._kept
        fresh = np.isnan(row) | resampled
        return self._space.from_unit(np.where(fresh, rng.random(row.shape), cube))


def _is_choice(domain: Domain) -> bool:
    return isinstance(domain, Categorical | Nested | Ordinal)


def _step(domain: Domain) -> float:
    """Return the least by which a value changes, in the units of a row."""
    if isinstance(domain, Ordinal):
        return 1.0
    grid = None if _is_choice(domain) else domain.grid
    return float(grid.step) if grid else 0.0

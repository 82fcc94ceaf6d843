"""Exploration in population-based training: assignments close to a given assignment."""

from collections.abc import Collection
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sweepwright.space import Categorical, Domain, Nested, Ordinal, SearchSpace

Floats: TypeAlias = NDArray[np.float64]

MAX_DRAWS = 64
"""Largest number of variants that are drawn until one of them satisfies the constraints."""


class Perturbation:
    """Perturbs assignments: numbers by a factor up or down, ordered choices by one option.

    With probability `resample` a parameter is drawn from the prior instead ("perturb" and
    "resample" in Jaderberg et al. 2017, section 4.1). A parameter that becomes active is also
    drawn from the prior. A choice without an order changes only by such draws.

    Parameters
    ----------
    factor
        Relative change of a number, between 0 and 1. If the domain has a step, the number
        changes by at least one step.
    fixed
        Names of the parameters that do not change.
    """

    def __init__(
        self, space: SearchSpace, factor: float, resample: float, fixed: Collection[str] = ()
    ) -> None:
        domains = [parameter.domain for parameter in space.parameters]
        self._space = space
        self._fixed = np.array([parameter.name in fixed for parameter in space.parameters])
        self._resample = resample
        self._factors = np.array([0.0 if _is_choice(d) else factor for d in domains])
        self._steps = np.array([_step(domain) for domain in domains])

    def variant(self, row: Floats, rng: np.random.Generator) -> Floats:
        """Draw a variant of a row, shape (1, d), or return the row if no variant is feasible."""
        for _ in range(MAX_DRAWS):
            varied = self._vary(row, rng)
            if self._space.feasible(varied)[0]:
                return varied
        return row

    def _vary(self, row: Floats, rng: np.random.Generator) -> Floats:
        size = np.maximum(np.abs(row) * self._factors, self._steps) * ~self._fixed
        # A coin decides the direction: with `factor` 0.2, the number is multiplied by 0.8 or 1.2.
        moved = row + np.where(rng.random(row.shape) < 0.5, -size, size)  # noqa: PLR2004 - a coin
        cube = np.clip(self._space.unit(moved), 0.0, 1.0)
        resampled = (rng.random(row.shape) < self._resample) & ~self._fixed
        fresh = np.isnan(row) | resampled
        return self._space.from_unit(np.where(fresh, rng.random(row.shape), cube))


def _is_choice(domain: Domain) -> bool:
    return isinstance(domain, Categorical | Nested | Ordinal)


def _step(domain: Domain) -> float:
    """Return the step of a domain in the units of a row, or 0 if the domain has no step."""
    if isinstance(domain, Ordinal):
        return 1.0
    grid = None if _is_choice(domain) else domain.grid
    return float(grid.step) if grid else 0.0

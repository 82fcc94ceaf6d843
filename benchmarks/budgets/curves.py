"""Learning curves: a space with the losses of each of its points after every unit of budget."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from math import log
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sweepwright.budgets import Budget
from sweepwright.space import SearchSpace

from ..problems.landscape import Values

Floats: TypeAlias = NDArray[np.float64]

SPREAD = 10.0
"""Ratio between the durations of the slowest and the fastest trial."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The losses on a part of an assignment's curve, unit by unit.

    Below the smallest budget of the problem they are infinite.
    """

    heard: Floats
    """The losses that a tuner can observe."""
    truth: Floats
    """The same without noise."""


@dataclass(frozen=True, slots=True)
class Curves:
    """A problem with a budget of whole units; the loss is minimised.

    An assignment always has the same curve, its noise and its pace included, whoever suggests
    it: they are drawn from a digest of its values.
    """

    name: str
    """Group and name in the group, such as ``lcbench/3945``."""
    space: SearchSpace
    budget: Budget
    truth: Callable[[Values, Floats], Floats]
    """Computes the losses after each of some numbers of units."""
    noise: float = 0.0
    """Standard deviation of the noise that is added to each observed loss."""

    @property
    def units(self) -> int:
        """Number of units of the whole budget."""
        return int(self.budget.maximum)

    def stretch(self, values: Values, begin: int, end: int) -> Stretch:
        """Return the losses of an assignment after each unit between two budgets."""
        units = np.arange(begin + 1, end + 1, dtype=float)
        truth = np.where(units < self.budget.minimum, np.inf, self.truth(values, units))
        if not self.noise:
            return Stretch(truth, truth)
        errors = _chance(values, "noise").standard_normal(self.units)[begin:end]
        return Stretch(truth + self.noise * errors, truth)

    def pace(self, values: Values) -> float:
        """Return the duration of a unit, from 1 to `SPREAD` on the virtual clock."""
        return float(np.exp(_chance(values, "pace").uniform(0, log(SPREAD))))


def _chance(values: Values, stream: str) -> np.random.Generator:
    text = json.dumps([stream, sorted(values.items())]).encode()
    return np.random.Generator(np.random.PCG64(int.from_bytes(blake2b(text).digest())))

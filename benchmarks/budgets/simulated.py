"""Simulated learning curves: four families, each seed of which draws another problem.

The rule of choice: the two shapes that extrapolation of learning curves usually assumes, a power
law and an exponential approach; one family in which good assignments learn slowly, so that curves
cross and small budgets mislead; and one with noise. The final loss of an assignment and its speed
depend on all parameters, by weights of which few are large. Constants were chosen by
`rank_correlations` alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from sweepwright.budgets import Budget
from sweepwright.seeds import rng
from sweepwright.space import Categorical, Domain, Integer, Real

from ..problems.landscape import Values
from ..problems.spaces import nested_space
from .curves import Curves, Floats

BUDGET = Budget(maximum=81, minimum=1)

NUMBERS: Mapping[str, Domain] = {
    "rate": Real(1e-5, 1, log=True),
    "decay": Real(1e-6, 1e-1, log=True),
    "momentum": Real(0, 0.99),
    "dropout": Real(0, 0.8),
    "layers": Integer(1, 8),
    "width": Integer(16, 1024, log=True),
}
SPACE = nested_space({**NUMBERS, "activation": Categorical(("relu", "tanh", "gelu"))})

FIRST = 0.9
"""Loss before any training."""
BEST, WORST = 0.05, 0.8
"""Final loss in the best and in the worst case."""
TOLLS = (0.0, 0.1, 0.3)
"""Costs of the three options, as shares of the range from best to worst, in random order."""
NOISE = 0.02


@dataclass(frozen=True, slots=True)
class Ground:
    """The random part of a problem: where the best assignment is, and which ones learn fast."""

    optimum: Floats
    weights: Floats
    """Weight of each number for the final loss; they sum to 1."""
    tolls: Floats
    speeds: Floats
    """Weight of each number for the speed; they sum to 1."""

    @classmethod
    def of(cls, family: str, seed: int) -> "Ground":
        """Draw the parameters of a problem."""
        chance = rng(seed, f"curves/{family}")
        return cls(
            chance.uniform(0.15, 0.85, len(NUMBERS)),
            chance.dirichlet(np.ones(len(NUMBERS))),
            chance.permutation(TOLLS),
            chance.dirichlet(np.ones(len(NUMBERS))),
        )

    def judge(self, values: Values) -> tuple[float, float]:
        """Return how bad an assignment is and how fast it learns, both from 0 to 1."""
        row = [p.domain.number(values[p.name]) for p in SPACE.parameters]
        *unit, _ = SPACE.unit(np.array([row], dtype=float))[0]
        distance = (unit - self.optimum) / np.maximum(self.optimum, 1 - self.optimum)
        toll = self.tolls[int(row[-1] or 0)]
        badness = (self.weights @ distance**2 + toll) / (1 + max(TOLLS))
        return float(badness), float(self.speeds @ np.array(unit))


Family = Callable[[Floats, float, float], Floats]
"""Computes the share of the loss that is left after some units, from badness and speed."""


def power(units: Floats, _badness: float, speed: float) -> Floats:
    """Learn by a power law, the exponent from 0.3 to 1.2."""
    left: Floats = (1 + units) ** -(0.3 * 4**speed)
    return left


def exponential(units: Floats, _badness: float, speed: float) -> Floats:
    """Approach the end exponentially, with a time constant from a half to 1/50 of all units."""
    left: Floats = np.exp(-units / (0.5 * BUDGET.maximum * 0.04**speed))
    return left


def crossing(units: Floats, badness: float, speed: float) -> Floats:
    """Learn by a power law whose exponent, from 0.2 to 1.6, is smaller for good assignments."""
    fast = 0.75 * min(1.0, 1.5 * badness**0.5) + 0.25 * speed
    left: Floats = (1 + units) ** -(0.2 * 8**fast)
    return left


FAMILIES: Mapping[str, tuple[Family, float]] = {
    "simulated/power": (power, 0.0),
    "simulated/exponential": (exponential, 0.0),
    "simulated/crossing": (crossing, 0.0),
    "simulated/noisy": (power, NOISE),
}
"""Each family with its noise."""


def simulated(name: str, seed: int) -> Curves:
    """Draw a problem of a family."""
    family, noise = FAMILIES[name]
    ground = Ground.of(name, seed)

    def truth(values: Values, units: Floats) -> Floats:
        badness, speed = ground.judge(values)
        end = BEST + (WORST - BEST) * badness
        losses: Floats = end + (FIRST - end) * family(units, badness, speed)
        return losses

    return Curves(name, SPACE, BUDGET, truth, noise)

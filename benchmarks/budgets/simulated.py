"""Simulated learning curves: four families, of which every seed draws another problem.

The rule of choice: the two shapes that extrapolation of learning curves usually assumes, a power
law and an exponential approach; one family where whoever ends well learns slowly, so that curves
cross and small budgets mislead; and one with noise. How good an assignment becomes and how fast
it learns depend on all parameters, by weights of which few are large. Constants were chosen by
the rank correlations of `hints` alone.
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
"""The loss of everybody who has not yet learnt."""
BEST, WORST = 0.05, 0.8
"""Where curves lead to, in the best and the worst case."""
TOLLS = (0.0, 0.1, 0.3)
"""What the three choices cost, as shares of the way from best to worst, in some order."""
NOISE = 0.02


@dataclass(frozen=True, slots=True)
class Ground:
    """What a seed draws: where the best assignment is, and who learns fast."""

    optimum: Floats
    weights: Floats
    """How much each number matters for where a curve leads to; they add up to 1."""
    tolls: Floats
    speeds: Floats
    """How much each number matters for how fast a curve gets there; they add up to 1."""

    @classmethod
    def of(cls, family: str, seed: int) -> "Ground":
        """Draw the ground of a problem."""
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
"""What is left to learn after so many units, from 1 to 0, of how bad and how fast one is."""


def power(units: Floats, _badness: float, speed: float) -> Floats:
    """Learn by a power law, the exponent from 0.3 to 1.2."""
    left: Floats = (1 + units) ** -(0.3 * 4**speed)
    return left


def exponential(units: Floats, _badness: float, speed: float) -> Floats:
    """Approach the end exponentially, with a time constant from a half to 1/50 of all units."""
    left: Floats = np.exp(-units / (0.5 * BUDGET.maximum * 0.04**speed))
    return left


def crossing(units: Floats, badness: float, speed: float) -> Floats:
    """Learn by a power law whose exponent, from 0.2 to 1.6, is smaller for those who end well."""
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

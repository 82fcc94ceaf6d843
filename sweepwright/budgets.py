"""Budgets: how much trials may spend, and the rungs on which they are compared."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Budget:
    """How much one trial may spend: from `minimum` to `maximum`, in a named unit."""

    maximum: float
    """The most that a trial may spend."""
    minimum: float = 1.0
    """The least that a trial spends, and so the budget of the first rung."""
    unit: str = "epochs"
    """The unit, for people to read."""
    name: str | None = "TRIAL_BUDGET"
    """The key under which a trial receives its budget among its parameters; null for none."""

    @property
    def whole(self) -> bool:
        """Whether all budgets are whole numbers, as epochs and steps are: if both bounds are."""
        return float(self.maximum).is_integer() and float(self.minimum).is_integer()

    def delivered(self, budget: float) -> float:
        """Convert a budget to the number that trials receive: an int if budgets are whole."""
        return int(budget) if self.whole else budget


@dataclass(frozen=True, slots=True)
class Rung:
    """Trials that are compared at one budget."""

    budget: float
    """How much each of them has spent in all when they are compared."""
    trials: int
    """How many trials reach the rung at most."""


@dataclass(frozen=True, slots=True)
class Bracket:
    """A ladder of rungs, the smallest budget first; the best of a rung move up to the next."""

    rungs: tuple[Rung, ...]

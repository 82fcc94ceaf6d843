"""Budgets: how much trials may spend, and the ladders on which they are compared."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Budget:
    """How much a trial may spend: from `minimum` to `maximum`, in a named unit."""

    maximum: float
    """The most that a trial may spend."""
    minimum: float = 1.0
    """The least that is worth spending."""
    unit: str = "epochs"
    """What it is counted in, for people."""
    name: str | None = "TRIAL_BUDGET"
    """The key under which a trial receives it among its parameters; null keeps it from them."""

    @property
    def whole(self) -> bool:
        """Whether budgets are whole numbers, as those of epochs and steps are.

        They are where both bounds are.
        """
        return float(self.maximum).is_integer() and float(self.minimum).is_integer()

    def delivered(self, budget: float) -> float:
        """Return a budget as trials receive it: an int, where budgets are whole numbers."""
        return int(budget) if self.whole else budget


@dataclass(frozen=True, slots=True)
class Rung:
    """Trials that are compared at one budget."""

    budget: float
    """How much each of them may have spent in all when it gets here."""
    trials: int
    """How many there are at most."""


@dataclass(frozen=True, slots=True)
class Bracket:
    """A ladder of rungs, the smallest budget first; trials of one are promoted to the next."""

    rungs: tuple[Rung, ...]

"""Budgets: how much trials may spend, and the rungs on which they are compared."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Budget:
    """How much one trial may spend: from `minimum` to `maximum`, in a named unit."""

    maximum: float
    """Largest budget that a trial may spend."""
    minimum: float = 1.0
    """Smallest budget of a trial, which is also the budget of the first rung."""
    unit: str = "epochs"
    """Unit of budgets, which messages and plans show."""
    name: str | None = "TRIAL_BUDGET"
    """Name of the parameter in which a trial receives its budget; null to pass no parameter."""

    @property
    def whole(self) -> bool:
        """Whether all budgets are whole numbers, such as epochs; true if both bounds are whole."""
        return float(self.maximum).is_integer() and float(self.minimum).is_integer()

    def delivered(self, budget: float) -> float:
        """Convert a budget to the number that trials receive: an int if budgets are whole."""
        return int(budget) if self.whole else budget


@dataclass(frozen=True, slots=True)
class Rung:
    """Trials that are compared at one budget."""

    budget: float
    """Total budget that each trial has spent when the trials are compared."""
    trials: int
    """Maximum number of trials that reach the rung."""


@dataclass(frozen=True, slots=True)
class Bracket:
    """A ladder of rungs by increasing budget; the best trials of a rung move to the next rung."""

    rungs: tuple[Rung, ...]

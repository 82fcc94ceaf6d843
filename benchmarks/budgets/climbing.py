"""Peers that decide at once: at each rung a trial ends for good, or goes on without a pause."""

from collections.abc import Sequence
from typing import Protocol

from sweepwright.budgets import Budget

from ..problems.landscape import Values
from .contender import Leg

ETA = 3
"""The reduction factor of everybody who takes part."""


def rungs(budget: Budget) -> list[int]:
    """List the budgets after which a peer may end a trial, the maximum last.

    They go up from the smallest, each `ETA` times the one before.
    """
    found, at = [], int(budget.minimum)
    while at < budget.maximum:
        found.append(at)
        at *= ETA
    return [*found, int(budget.maximum)]


class Decider(Protocol):
    """A peer that opens trials, and says at each rung whether they go on."""

    def open(self) -> tuple[int, Values]:
        """Open a trial; return its number and its values."""
        ...

    def goes_on(self, trial: int, budget: int, value: float) -> bool:
        """Take in a trial's loss at a rung; tell whether it goes on to the next one."""
        ...


class Climbing:
    """A decider as a contender: workers stay with a trial until it ends.

    Between rungs there is nothing to decide, and so nothing to report.
    """

    def __init__(self, decider: Decider, budget: Budget) -> None:
        self._decider = decider
        self._rungs = rungs(budget)
        self._going_on: list[Leg] = []

    def ask(self, count: int) -> Sequence[Leg]:
        """Let trials go on that need not end, then open new ones."""
        legs = self._going_on[:count]
        del self._going_on[:count]
        return [*legs, *(self._leg(*self._decider.open(), 0) for _ in range(count - len(legs)))]

    def tell(self, leg: Leg, value: float) -> None:
        """Have it decided whether the trial goes on; at the last rung it cannot."""
        goes_on = self._decider.goes_on(leg.trial, leg.end, value)
        if goes_on and leg.end < self._rungs[-1]:
            self._going_on.append(self._leg(leg.trial, leg.values, leg.end))

    def _leg(self, trial: int, values: Values, spent: int) -> Leg:
        return Leg(trial, values, spent, next(rung for rung in self._rungs if rung > spent))

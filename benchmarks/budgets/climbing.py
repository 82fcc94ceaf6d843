"""Peers that decide at each rung, at once, whether a trial ends or continues."""

from collections.abc import Sequence
from typing import Protocol

from sweepwright.budgets import Budget

from ..problems.landscape import Values
from .budgeted_tuner import Segment

ETA = 3
"""The reduction factor of all tuners in the comparison."""


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
    """A peer that opens trials, and decides at each rung whether they continue."""

    def open(self) -> tuple[int, Values]:
        """Open a trial; return its number and its values."""
        ...

    def goes_on(self, trial: int, budget: int, value: float) -> bool:
        """Record a trial's loss at a rung; return whether it continues to the next one."""
        ...


class Climbing:
    """Adapts a decider to the interface of a tuner: a worker keeps a trial until the trial ends.

    Between rungs there is nothing to decide, so segments go from rung to rung.
    """

    def __init__(self, decider: Decider, budget: Budget) -> None:
        self._decider = decider
        self._rungs = rungs(budget)
        self._going_on: list[Segment] = []

    def ask(self, count: int) -> Sequence[Segment]:
        """Continue the trials that are not stopped, then open new ones."""
        segments = self._going_on[:count]
        del self._going_on[:count]
        return [
            *segments,
            *(self._segment(*self._decider.open(), 0) for _ in range(count - len(segments))),
        ]

    def tell(self, segment: Segment, value: float) -> None:
        """Decide whether the trial continues; at the last rung it cannot."""
        goes_on = self._decider.goes_on(segment.trial, segment.end, value)
        if goes_on and segment.end < self._rungs[-1]:
            self._going_on.append(self._segment(segment.trial, segment.values, segment.end))

    def _segment(self, trial: int, values: Values, spent: int) -> Segment:
        return Segment(trial, values, spent, next(rung for rung in self._rungs if rung > spent))

"""The interface of a tuner with budgets in the comparison, ours or a peer's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ..problems.landscape import Values


@dataclass(frozen=True, slots=True)
class Segment:
    """Part of a trial, trained without a pause from the budget it has spent to a larger one."""

    trial: int
    values: Values
    begin: int
    """The budget already spent, 0 if the trial starts from the beginning."""
    end: int


class BudgetedTuner(Protocol):
    """A tuner that searches one problem with one seed."""

    def ask(self, count: int) -> Sequence[Segment]:
        """Return up to `count` segments to run next; fewer means "wait for results"."""
        ...

    def tell(self, segment: Segment, value: float) -> None:
        """Record the loss after a segment, which the tuner minimises."""
        ...

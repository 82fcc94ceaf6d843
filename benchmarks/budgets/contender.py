"""What the race asks of a tuner with budgets, ours or a peer's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ..problems.landscape import Values


@dataclass(frozen=True, slots=True)
class Leg:
    """A trial goes on from what it has spent to a larger budget, without a pause."""

    trial: int
    values: Values
    begin: int
    """What it has spent before, 0 where it begins anew."""
    end: int


class Contender(Protocol):
    """A tuner that is set on one problem, with one seed."""

    def ask(self, count: int) -> Sequence[Leg]:
        """Name up to so many legs to run next; fewer means "wait for results"."""
        ...

    def tell(self, leg: Leg, value: float) -> None:
        """Take in the loss after a leg, which it minimises."""
        ...

"""What the contest asks of a tuner, ours or a peer's."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeAlias

Opening: TypeAlias = tuple[int, Mapping[str, Any]]
"""A trial's number, and the values of its active parameters by their full names."""


class Solver(Protocol):
    """A tuner that is set on one problem, with one seed."""

    def ask(self, count: int) -> Sequence[Opening]:
        """Open up to so many trials."""
        ...

    def tell(self, number: int, value: float) -> None:
        """Take in the loss of a trial, which it minimises."""
        ...

    def remember(self, values: Sequence[float]) -> None:
        """Take in random trials with these losses, before anything is asked."""
        ...

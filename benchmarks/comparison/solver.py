"""The interface of a tuner in the comparison, ours or a peer's."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeAlias

Opening: TypeAlias = tuple[int, Mapping[str, Any]]
"""A trial's number, and the values of its active parameters by their full names."""


class Solver(Protocol):
    """A tuner that searches one problem with one seed."""

    def ask(self, count: int) -> Sequence[Opening]:
        """Open up to `count` trials."""
        ...

    def tell(self, number: int, value: float) -> None:
        """Record the loss of a trial, which the tuner minimises."""
        ...

    def remember(self, values: Sequence[float]) -> None:
        """Record random trials with their losses, before the first ask."""
        ...

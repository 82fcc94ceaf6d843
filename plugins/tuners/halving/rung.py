"""A rung: the trials that are compared at one budget, and which of them went on."""

from bisect import bisect_left, insort
from collections.abc import Iterator
from typing import TypeAlias

Rank: TypeAlias = tuple[float, int, int]
"""Value, place in the order of entry, number: sorts trials, the earlier of equals first."""


class Rung:
    """Trials at one budget, best first; one that failed is behind all others, and stays.

    What is told twice counts once.
    """

    def __init__(self) -> None:
        self._entered: dict[int, int] = {}
        self._ended: set[int] = set()
        self._waiting: list[Rank] = []
        self._promoted: list[Rank] = []
        self._ranks: dict[int, Rank] = {}

    @property
    def entered(self) -> int:
        """Count the trials that ever got here."""
        return len(self._entered)

    @property
    def ended(self) -> int:
        """Count those whose result at this budget is known."""
        return len(self._ended)

    @property
    def measured(self) -> int:
        """Count those that ended well."""
        return len(self._ranks)

    @property
    def promoted(self) -> int:
        """Count those that went on."""
        return len(self._promoted)

    def enter(self, trial: int) -> None:
        """Take in a trial, which begins to spend this budget."""
        self._entered.setdefault(trial, len(self._entered))

    def measure(self, trial: int, value: float) -> None:
        """Enter the result of a trial."""
        if trial in self._entered and trial not in self._ended:
            self._ended.add(trial)
            rank = self._ranks[trial] = (value, self._entered[trial], trial)
            insort(self._waiting, rank)

    def fail(self, trial: int) -> None:
        """Enter that a trial has no result: it is worse than any other."""
        if trial in self._entered:
            self._ended.add(trial)

    def promote(self, trial: int) -> None:
        """Note that a trial goes on to more budget."""
        rank = self._ranks.get(trial)
        place = bisect_left(self._waiting, rank) if rank else len(self._waiting)
        if rank and self._waiting[place : place + 1] == [rank]:
            del self._waiting[place]
            insort(self._promoted, rank)

    def best(self, count: int) -> list[int]:
        """List the best so many trials that were measured, wherever they are now."""
        return [rank[2] for rank in sorted(self._ranks.values())[:count]]

    def promotable(self, count: int) -> Iterator[int]:
        """Yield the trials that are among the best so many, and did not go on yet; best first.

        Of those that wait only the first few are looked at, so that it costs next to nothing.
        """
        for yielded, rank in enumerate(self._waiting):
            if bisect_left(self._promoted, rank) + yielded >= count:
                return
            yield rank[2]

"""The results of the trials at one budget, and which trials were promoted from this budget."""

from bisect import bisect_left, insort
from collections.abc import Iterator
from typing import TypeAlias

RankKey: TypeAlias = tuple[float, int, int]
"""Value, order of entry and number of a trial. Keys sort trials by value, and trials of equal
value by their order of entry."""


class RungResults:
    """Results at one budget, best first. A trial that failed always ranks behind all others.

    Each event counts once, even if it is recorded twice. Invariants: `_ended` is a subset of
    `_entered`; `_keys` maps each measured trial to its rank key, which is either in
    `_waiting` or in `_promoted`. Both lists are sorted.
    """

    def __init__(self) -> None:
        self._entered: dict[int, int] = {}
        self._ended: set[int] = set()
        self._waiting: list[RankKey] = []
        self._promoted: list[RankKey] = []
        self._keys: dict[int, RankKey] = {}

    @property
    def entered(self) -> int:
        """Number of trials that have entered this rung, including promoted trials."""
        return len(self._entered)

    @property
    def ended(self) -> int:
        """Number of trials whose outcome at this budget is known."""
        return len(self._ended)

    @property
    def measured(self) -> int:
        """Number of trials with a value at this budget."""
        return len(self._keys)

    @property
    def promoted(self) -> int:
        """Number of trials that have been promoted from this rung."""
        return len(self._promoted)

    def enter(self, trial: int) -> None:
        """Enter a trial that begins to spend this budget."""
        self._entered.setdefault(trial, len(self._entered))

    def measure(self, trial: int, value: float) -> None:
        """Record the value of a trial."""
        if trial in self._entered and trial not in self._ended:
            self._ended.add(trial)
            key = self._keys[trial] = (value, self._entered[trial], trial)
            insort(self._waiting, key)

    def fail(self, trial: int) -> None:
        """Record that a trial has no value, and is therefore worse than any trial with a value."""
        if trial in self._entered:
            self._ended.add(trial)

    def promote(self, trial: int) -> None:
        """Record that a trial is promoted to the next rung."""
        key = self._keys.get(trial)
        place = bisect_left(self._waiting, key) if key else len(self._waiting)
        # Ignore a promotion that was already recorded, or whose trial has no value here.
        if key and self._waiting[place : place + 1] == [key]:
            del self._waiting[place]
            insort(self._promoted, key)

    def best(self, count: int) -> list[int]:
        """List the best `count` trials, whether they have been promoted or not."""
        return [key[2] for key in sorted(self._keys.values())[:count]]

    def promotable(self, count: int) -> Iterator[int]:
        """Yield the trials among the best `count` that have not been promoted, best first.

        The rank of a waiting trial is the number of promoted and waiting trials before it. The
        generator stops at the first rank that is too large, so it costs next to nothing.
        """
        for yielded, key in enumerate(self._waiting):
            if bisect_left(self._promoted, key) + yielded >= count:
                return
            yield key[2]

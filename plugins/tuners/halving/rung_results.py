"""The results of the trials at one budget, and which of these trials were promoted."""

from bisect import bisect_left, insort
from collections.abc import Iterator
from typing import TypeAlias

RankKey: TypeAlias = tuple[float, int, int]
"""Value, order of entry, number: sorts trials by value, and equal ones by entry."""


class RungResults:
    """Results at one budget, best first; a trial that failed ranks behind all others for good.

    Each event counts once, even if it is told twice. Invariants: `_ended` is a subset of
    `_entered`; `_keys` has the trials that were measured, and the key of each of them is either in
    `_waiting` or in `_promoted`, both of which are sorted.
    """

    def __init__(self) -> None:
        self._entered: dict[int, int] = {}
        self._ended: set[int] = set()
        self._waiting: list[RankKey] = []
        self._promoted: list[RankKey] = []
        self._keys: dict[int, RankKey] = {}

    @property
    def entered(self) -> int:
        """Number of trials that ever entered this rung."""
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
        """Number of trials that were promoted from this rung."""
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
        """Record that a trial has no value and is therefore worse than any other."""
        if trial in self._entered:
            self._ended.add(trial)

    def promote(self, trial: int) -> None:
        """Record that a trial is promoted to the next rung."""
        key = self._keys.get(trial)
        place = bisect_left(self._waiting, key) if key else len(self._waiting)
        # A promotion told twice, or of a trial that has no value here, changes nothing.
        if key and self._waiting[place : place + 1] == [key]:
            del self._waiting[place]
            insort(self._promoted, key)

    def best(self, count: int) -> list[int]:
        """List the given number of best trials, promoted or not."""
        return [key[2] for key in sorted(self._keys.values())[:count]]

    def promotable(self, count: int) -> Iterator[int]:
        """Yield the trials that are among the best `count` and are not promoted yet, best first.

        A waiting trial has rank (promoted trials before it) + (waiting trials before it). The
        generator stops at the first rank that is too large, so that it costs next to nothing.
        """
        for yielded, key in enumerate(self._waiting):
            if bisect_left(self._promoted, key) + yielded >= count:
                return
            yield key[2]

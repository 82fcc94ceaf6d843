"""Running averages of many curves, sorted at each step."""

from array import array
from bisect import bisect_left, insort
from collections.abc import Sequence

import numpy as np

Sorted = array  # of floats; half the memory of a list, and as quick


class RunningAverages:
    """What ended trials were worth at each step: averages of their values up to there.

    A trial counts at every step: where it ended sooner, with the average that it ended with.
    """

    def __init__(self) -> None:
        self._of: dict[int, Sequence[float]] = {}
        self._at: list[Sorted[float]] = []
        """At each step that any trial reached, all trials' averages."""
        self._last: Sorted[float] = array("d")
        """At every later step, likewise."""

    def enter(self, number: int, curve: Sequence[float]) -> None:
        """Enter the curve of a trial, in place of a former one; without values it has none."""
        self._leave(number)
        if not curve:
            return
        averages = self._of[number] = running_averages(curve)
        self._at += [array("d", self._last) for _ in range(len(averages) - len(self._at))]
        for step, others in enumerate(self._at):
            insort(others, averages[min(step, len(averages) - 1)])
        insort(self._last, averages[-1])

    def median(self, step: int, besides: int) -> tuple[float, int]:
        """Return the median at a step, counted from 1, and of how many trials it is.

        One trial is left out, which may not be there. Of none the median is NaN.
        """
        others = self._at[step - 1] if step <= len(self._at) else self._last
        own = self._of.get(besides)
        if own is None:
            return _median(others, len(others), len(others)), len(others)
        place = bisect_left(others, own[min(step, len(own)) - 1])
        return _median(others, len(others) - 1, place), len(others) - 1

    def _leave(self, number: int) -> None:
        averages = self._of.pop(number, None)
        if averages is None:
            return
        for step, others in enumerate(self._at):
            del others[bisect_left(others, averages[min(step, len(averages) - 1)])]
        del self._last[bisect_left(self._last, averages[-1])]


def running_averages(curve: Sequence[float]) -> Sequence[float]:
    """Average the values up to each step; values that are all equal are their own average."""
    values = np.asarray(curve, dtype=float)
    largest = np.abs(values).max()
    if not largest:
        return array("d", values)
    # Scaled, so that no sum of finite values overflows.
    averages = np.cumsum(values / largest) / np.arange(1, len(values) + 1)
    return array("d", averages * largest)


def _median(ordered: Sequence[float], count: int, gap: int) -> float:
    """Return the median of `count` ordered values, among which stands one more, at `gap`."""
    if not count:
        return float("nan")
    low, high = ((count - 1) // 2, count // 2)
    return ordered[low + (low >= gap)] / 2 + ordered[high + (high >= gap)] / 2

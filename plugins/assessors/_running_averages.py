"""Running averages of many curves, kept sorted at each step so that medians are fast."""

from array import array
from bisect import bisect_left, insort
from collections.abc import Sequence

import numpy as np

Sorted = array  # of floats: it takes half the memory of a list, and is as fast


class RunningAverages:
    """Averages of the values that each ended trial reported up to each step.

    A trial counts at every step. After its last step, it keeps its final average. Invariants:
    `_at_step[s]` and `_after_last_step` are sorted and have one entry per trial.
    """

    def __init__(self) -> None:
        self._averages_of: dict[int, Sequence[float]] = {}
        self._at_step: list[Sorted[float]] = []
        """For each step that some trial reached, the averages of all trials."""
        self._after_last_step: Sorted[float] = array("d")
        """The averages of all trials at every step that no trial reached."""

    def enter(self, number: int, curve: Sequence[float]) -> None:
        """Enter the curve of a trial. It replaces an earlier curve of the same trial.

        If the new curve is empty, the earlier curve is only removed.
        """
        self._remove(number)
        if not curve:
            return
        averages = self._averages_of[number] = running_averages(curve)
        self._at_step += [
            array("d", self._after_last_step) for _ in range(len(averages) - len(self._at_step))
        ]
        for step, averages_at_step in enumerate(self._at_step):
            insort(averages_at_step, averages[min(step, len(averages) - 1)])
        insort(self._after_last_step, averages[-1])

    def median(self, step: int, excluded: int) -> tuple[float, int]:
        """Return the median of the averages at a step, and the number of trials that it includes.

        Steps are counted from 1. The median leaves out the trial `excluded`, if this trial was
        entered. If no trials remain, the median is NaN.
        """
        averages_at_step = (
            self._at_step[step - 1] if step <= len(self._at_step) else self._after_last_step
        )
        excluded_averages = self._averages_of.get(excluded)
        if excluded_averages is None:
            return _median(averages_at_step, len(averages_at_step), len(averages_at_step)), len(
                averages_at_step
            )
        index = bisect_left(
            averages_at_step, excluded_averages[min(step, len(excluded_averages)) - 1]
        )
        return _median(averages_at_step, len(averages_at_step) - 1, index), len(
            averages_at_step
        ) - 1

    def _remove(self, number: int) -> None:
        averages = self._averages_of.pop(number, None)
        if averages is None:
            return
        for step, averages_at_step in enumerate(self._at_step):
            del averages_at_step[
                bisect_left(averages_at_step, averages[min(step, len(averages) - 1)])
            ]
        del self._after_last_step[bisect_left(self._after_last_step, averages[-1])]


def running_averages(curve: Sequence[float]) -> Sequence[float]:
    """Average the values up to each step.

    If all values are equal, the average is exactly this value, without a rounding error.
    """
    values = np.asarray(curve, dtype=float)
    largest = np.abs(values).max()
    if not largest:
        return array("d", values)
    # Scaled to [-1, 1], so that no sum of finite values overflows.
    averages = np.cumsum(values / largest) / np.arange(1, len(values) + 1)
    return array("d", averages * largest)


def _median(ordered: Sequence[float], count: int, gap: int) -> float:
    """Return the median of sorted values, leaving out the value at index `gap`.

    `count` is the number of the remaining values.
    """
    if not count:
        return float("nan")
    low, high = ((count - 1) // 2, count // 2)
    return ordered[low + (low >= gap)] / 2 + ordered[high + (high >= gap)] / 2

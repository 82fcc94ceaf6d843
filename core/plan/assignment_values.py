"""The value of each assignment: the median of the measurements of its trials.

A tuner may measure an assignment again by a further trial, which repeats the first trial of the
assignment. The measurement of a trial is its best one if it was measured at several budgets.
Trials without a measurement do not count.
"""

import math
from array import array
from collections.abc import Iterable, Iterator, Mapping

import numpy as np


def median(values: Iterable[float]) -> float:
    """Return the median of finite values, of which there is at least one."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    # Halved before they are added, because the sum of two large values may overflow.
    return ordered[middle - 1] / 2 + ordered[middle] / 2


class Repeats:
    """Which trials measure the assignment of an earlier trial again; empty in most sweeps."""

    def __init__(self) -> None:
        self._first: dict[int, int] = {}
        """Number of the first trial of each repeat."""
        self._repeats: dict[int, list[int]] = {}
        """Repeats of each first trial that has any."""

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self._first)

    def __iter__(self) -> Iterator[int]:
        """Yield the numbers of all repeats, in order."""
        return iter(self._first)

    def add(self, number: int, first: int) -> None:
        """Note that a new trial repeats an earlier one.

        Raises
        ------
        LookupError
            When the earlier trial is not the first one of its assignment.
        """
        if not 0 <= first < number or first in self._first:
            raise LookupError(f"trial {number} repeats trial {first}, which is no first trial")
        self._first[number] = first
        self._repeats.setdefault(first, []).append(number)

    def first(self, number: int) -> int:
        """Return the first trial of the same assignment, which may be the trial itself."""
        return self._first.get(number, number)

    def trials(self, number: int) -> list[int]:
        """Return all trials of the same assignment, the first one first."""
        first = self.first(number)
        return [first, *self._repeats.get(first, ())]


class AssignmentValues:
    """The minimised values of all assignments, and the best of them.

    An assignment is known by the number of its first trial. Without repeats, an assignment takes
    eight bytes.
    """

    def __init__(self) -> None:
        self.repeats = Repeats()
        self.best: tuple[int, float] | None = None
        """First trial and value of the best assignment. Of equally good ones, it is the one that
        was measured first, unless a repeat has made an earlier choice worse."""
        self._medians = array("d")
        """Value of each trial's assignment; infinite for repeats, and without a measurement."""
        self._measurements: dict[int, dict[int, float]] = {}
        """Measurements of each repeated assignment by trial, by the number of its first trial."""

    def __len__(self) -> int:
        """Return the number of trials opened so far."""
        return len(self._medians)

    def open_trial(self, repeats: int | None) -> None:
        """Add the next trial, which may repeat another one.

        Raises
        ------
        LookupError
            When the other trial is not the first one of its assignment.
        """
        if repeats is not None:
            self.repeats.add(len(self), repeats)
            if repeats not in self._measurements:
                self._measurements[repeats] = dict(self.measurements(repeats))
        self._medians.append(math.inf)

    def measurements(self, number: int) -> Mapping[int, float]:
        """Return the measurements of a trial's assignment, by trial."""
        first = self.repeats.first(number)
        if first in self._measurements:
            return self._measurements[first]
        value = self._medians[first]
        return {first: value} if math.isfinite(value) else {}

    def measure(self, number: int, value: float) -> None:
        """Enter a measurement of a trial; of several at different budgets, the best one counts."""
        first = self.repeats.first(number)
        measurements = self._measurements.get(first)
        if measurements is None:
            self._medians[first] = min(value, self._medians[first])
        else:
            measurements[number] = min(value, measurements.get(number, math.inf))
            self._medians[first] = median(measurements.values())
        self._update_best(first)

    def _update_best(self, first: int) -> None:
        """Choose the best assignment after the value of one has changed."""
        value = self._medians[first]
        if self.best is None or value < self.best[1]:
            self.best = first, value
        elif first == self.best[0] and value > self.best[1]:
            place = int(np.argmin(self._medians))
            self.best = place, self._medians[place]

"""Domains of numbers: an interval of floats, one of integers, a normal distribution."""

import math
import sys
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .call_form import call
from .grid import MAX_EXACT, Grid, clipped_grid, fraction, grid


@dataclass(frozen=True)
class Real:
    """Floats from `low` to `high`, both included, with a uniform or log-uniform prior.

    With a step, the values are its multiples between the bounds; the probability of each is the
    share of the (logarithmic) axis that is nearest to it. With `clip`, which NNI's distributions
    have, points between the bounds are rounded to a multiple, and a multiple beyond a bound
    becomes the bound itself.
    """

    low: float
    high: float
    log: bool = False
    step: float | None = None
    clip: bool = False

    @cached_property
    def grid(self) -> Grid | None:
        """The multiples of the step in the domain; None without a step."""
        if self.step is None:
            return None
        return (clipped_grid if self.clip else grid)(self.low, self.high, self.step)

    @property
    def size(self) -> int | None:
        """Number of values; None for a continuum."""
        if self.grid is not None:
            return self.grid.size
        return 1 if self.low == self.high else None

    def value(self, number: float) -> float:
        """Return the value that a float stands for."""
        return number

    def number(self, value: Any) -> float | None:
        """Return the float of a value; None if the domain does not contain it."""
        if not is_number(value) or not self.low <= value <= self.high:
            return None
        return _unsigned(value) if self.grid is None else self.grid.number(value)

    def __str__(self) -> str:
        """Format in the call form."""
        name, clip = "loguniform" if self.log else "uniform", self.clip or None
        return call(name, self.low, self.high, step=self.step, clip=clip)


@dataclass(frozen=True)
class Integer:
    """Multiples of `step` from `low` to `high`, both included; uniform, or log-uniform."""

    low: int
    high: int
    log: bool = False
    step: int = 1

    @cached_property
    def grid(self) -> Grid:
        """The multiples of the step in the domain."""
        return grid(self.low, self.high, self.step)

    @property
    def size(self) -> int:
        """Number of values."""
        return self.grid.size

    def value(self, number: float) -> int:
        """Return the integer that a float stands for."""
        return int(number)

    def number(self, value: Any) -> float | None:
        """Return the float of a value; None if the domain does not contain it."""
        return self.grid.number(value) if is_number(value) else None

    def __str__(self) -> str:
        """Format in the call form."""
        step = None if self.step == 1 else self.step
        return call("int", self.low, self.high, log=self.log or None, step=step)


@dataclass(frozen=True)
class Normal:
    """Numbers with a normal prior, or a log-normal one; with a step, its multiples only."""

    mean: float
    std: float
    log: bool = False
    step: float | None = None

    @cached_property
    def grid(self) -> Grid | None:
        """The multiples of the step that floats hold exactly; None without a step."""
        if self.step is None:
            return None
        return Grid(fraction(self.step), 0 if self.log else -MAX_EXACT, MAX_EXACT)

    @property
    def size(self) -> None:
        """None: there is no end of values."""
        return

    def value(self, number: float) -> float:
        """Return the value that a float stands for."""
        return number

    def number(self, value: Any) -> float | None:
        """Return the float of a value; None if it is not a finite number of the domain."""
        if not is_number(value):
            return None
        if self.grid is not None:
            return self.grid.number(value)
        lowest = _SMALLEST if self.log else -_LARGEST
        return _unsigned(value) if lowest <= value <= _LARGEST else None

    def __str__(self) -> str:
        """Format in the call form."""
        return call("lognormal" if self.log else "normal", self.mean, self.std, step=self.step)


_LARGEST = sys.float_info.max
_SMALLEST = math.ulp(0.0)
"""Smallest float above 0."""


def is_number(value: Any) -> bool:
    """Tell whether a value is a number; booleans are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _unsigned(value: float) -> float:
    # -0.0 equals 0.0, but its bytes and its text differ, and so would the assignment's.
    return float(value) + 0.0

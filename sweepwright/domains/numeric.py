"""Domains of numbers: an interval of floats, an interval of integers, a normal distribution."""

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

    With a step, the values are the multiples of the step between the bounds. The prior probability
    of a multiple is proportional to the length of the part of the axis, linear or logarithmic,
    that is nearest to this multiple. With `clip`, as in NNI's distributions, a draw between the
    bounds is rounded to a multiple, and a multiple beyond a bound is replaced by the bound.
    """

    low: float
    high: float
    log: bool = False
    step: float | None = None
    clip: bool = False

    @cached_property
    def grid(self) -> Grid | None:
        """Grid of the multiples of the step; None if the domain has no step."""
        if self.step is None:
            return None
        return (clipped_grid if self.clip else grid)(self.low, self.high, self.step)

    @property
    def size(self) -> int | None:
        """Number of values; None if the domain is continuous."""
        if self.grid is not None:
            return self.grid.size
        return 1 if self.low == self.high else None

    def value(self, number: float) -> float:
        """Return the value that a float represents."""
        return number

    def number(self, value: Any) -> float | None:
        """Return the float of a value; None if the domain does not contain the value."""
        if not is_number(value) or not self.low <= value <= self.high:
            return None
        return _unsigned(value) if self.grid is None else self.grid.number(value)

    def __str__(self) -> str:
        """Format the domain in the call form."""
        name, clip = "loguniform" if self.log else "uniform", self.clip or None
        return call(name, self.low, self.high, step=self.step, clip=clip)


@dataclass(frozen=True)
class Integer:
    """Multiples of `step` from `low` to `high`, with a uniform or log-uniform prior."""

    low: int
    high: int
    log: bool = False
    step: int = 1

    @cached_property
    def grid(self) -> Grid:
        """Grid of the multiples of the step."""
        return grid(self.low, self.high, self.step)

    @property
    def size(self) -> int:
        """Number of values."""
        return self.grid.size

    def value(self, number: float) -> int:
        """Return the integer that a float represents."""
        return int(number)

    def number(self, value: Any) -> float | None:
        """Return the float of a value; None if the domain does not contain the value."""
        return self.grid.number(value) if is_number(value) else None

    def __str__(self) -> str:
        """Format the domain in the call form."""
        step = None if self.step == 1 else self.step
        return call("int", self.low, self.high, log=self.log or None, step=step)


@dataclass(frozen=True)
class Normal:
    """Numbers with a normal or log-normal prior; with a step, only the multiples of the step."""

    mean: float
    std: float
    log: bool = False
    step: float | None = None

    @cached_property
    def grid(self) -> Grid | None:
        """Grid of the multiples of the step; None if the domain has no step.

        The grid ends where floats no longer represent the multiples exactly.
        """
        if self.step is None:
            return None
        return Grid(fraction(self.step), 0 if self.log else -MAX_EXACT, MAX_EXACT)

    @property
    def size(self) -> None:
        """None, since the number of values is not limited."""
        return

    def value(self, number: float) -> float:
        """Return the value that a float represents."""
        return number

    def number(self, value: Any) -> float | None:
        """Return the float of a value; None if the value is not a finite number in the domain."""
        if not is_number(value):
            return None
        if self.grid is not None:
            return self.grid.number(value)
        lowest = _SMALLEST if self.log else -_LARGEST
        return _unsigned(value) if lowest <= value <= _LARGEST else None

    def __str__(self) -> str:
        """Format the domain in the call form."""
        return call("lognormal" if self.log else "normal", self.mean, self.std, step=self.step)


_LARGEST = sys.float_info.max
_SMALLEST = math.ulp(0.0)
"""The smallest float above 0."""


def is_number(value: Any) -> bool:
    """Tell whether a value is a number; booleans are not numbers."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _unsigned(value: float) -> float:
    # -0.0 equals 0.0, but its bytes and its text differ. Replace it, so that equal assignments
    # have the same text.
    return float(value) + 0.0

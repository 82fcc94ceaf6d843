"""Domains of numbers: an interval of floats, one of integers, a normal distribution."""

import math
import sys
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ._call_form import call
from ._grid import MAX_EXACT, Grid, clipped_grid, fraction, grid


@dataclass(frozen=True)
class Real:
    """Floats from `low` to `high`, both included; uniform, or log-uniform.

    With a step, the multiples of it that lie between the two, each as likely as the part of
    the (log) axis that is nearest to it. When clipped, as NNI does, every point between the
    bounds is rounded to a multiple, and one beyond a bound becomes the bound itself.
    """

    low: float
    high: float
    log: bool = False
    step: float | None = None
    clip: bool = False

    @cached_property
    def grid(self) -> Grid | None:
        """The multiples of the step in the domain, None without one."""
        if self.step is None:
            return None
        return (clipped_grid if self.clip else grid)(self.low, self.high, self.step)

    @property
    def size(self) -> int | None:
        """Number of values, None when there is no end of them."""
        if self.grid is not None:
            return self.grid.size
        return 1 if self.low == self.high else None

    def value(self, number: float) -> float:
        """Return the value a float stands for."""
        return number

    def number(self, value: Any) -> float | None:
        """Return the float of a value, None for a value outside."""
        if not is_number(value) or not self.low <= value <= self.high:
            return None
        return _unsigned(value) if self.grid is None else self.grid.number(value)

    def __str__(self) -> str:
        """Render in the call form."""
        name, clip = "loguniform" if self.log else "uniform", self.clip or None
        return call(name, self.low, self.high, step=self.step, clip=clip)


@dataclass(frozen=True)
class Integer:
    """Integers from `low` to `high`, both included, multiples of `step`; uniform, or log."""

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
        """Return the value a float stands for; an int stays an int."""
        return int(number)

    def number(self, value: Any) -> float | None:
        """Return the float of a value, None for a value outside or one that is no integer."""
        return self.grid.number(value) if is_number(value) else None

    def __str__(self) -> str:
        """Render in the call form."""
        step = None if self.step == 1 else self.step
        return call("int", self.low, self.high, log=self.log or None, step=step)


@dataclass(frozen=True)
class Normal:
    """A normal distribution, or one whose logarithm is normal; with a step, multiples of it."""

    mean: float
    std: float
    log: bool = False
    step: float | None = None

    @cached_property
    def grid(self) -> Grid | None:
        """The multiples of the step that it can take, None without one."""
        if self.step is None:
            return None
        return Grid(fraction(self.step), 0 if self.log else -MAX_EXACT, MAX_EXACT)

    @property
    def size(self) -> None:
        """Without end."""
        return

    def value(self, number: float) -> float:
        """Return the value a float stands for."""
        return number

    def number(self, value: Any) -> float | None:
        """Return the float of a value, None for what is no finite number."""
        if not is_number(value):
            return None
        if self.grid is not None:
            return self.grid.number(value)
        lowest = math.ulp(0.0) if self.log else -_LARGEST
        return _unsigned(value) if lowest <= value <= _LARGEST else None

    def __str__(self) -> str:
        """Render in the call form."""
        return call("lognormal" if self.log else "normal", self.mean, self.std, step=self.step)


_LARGEST = sys.float_info.max
"""Largest finite float."""


def is_number(value: Any) -> bool:
    """Tell numbers from everything else, booleans included."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _unsigned(value: float) -> float:
    """Make 0.0 of -0.0, which would be another assignment to whoever compares bytes."""
    return float(value) + 0.0

"""Grids: the multiples of a step, computed without rounding errors.

Steps such as 0.1 are no floats, so ``3 * 0.1`` gives 0.30000000000000004. A grid holds the step
as a fraction of two integers and rounds once, at the end, to the nearest float.
"""

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

MAX_EXACT = 2**53
"""Largest integer up to which every integer is a float (53 bits of mantissa)."""


@dataclass(frozen=True)
class Grid:
    """Multiples ``first * step`` to ``last * step`` of an exact step.

    Multiples beyond `low` or `high`, which only the first and the last can be, are replaced by
    that bound.
    """

    step: Fraction
    first: int
    last: int
    low: float = -math.inf
    high: float = math.inf

    @property
    def size(self) -> int:
        """Number of multiples; 0 if none lies between the bounds."""
        return max(self.last - self.first + 1, 0)

    def value(self, index: int) -> float:
        """Compute the multiple of an index, correctly rounded, so that 3 * 0.1 is 0.3."""
        # Python divides two ints exactly and rounds once, whatever their size.
        value = index * self.step.numerator / self.step.denominator
        return min(max(value, self.low), self.high)

    def index(self, number: float) -> int:
        """Return the index of the multiple nearest to a finite number."""
        return min(max(round(Fraction(number) / self.step), self.first), self.last)

    def nearest(self, number: float) -> float:
        """Round a finite number to the nearest multiple."""
        return self.value(self.index(number))

    def number(self, value: float) -> float | None:
        """Return the multiple that equals a value; None if it is not a multiple."""
        if not self.value(self.first) <= value <= self.value(self.last):
            return None
        nearest = self.nearest(value)
        return nearest if nearest == value else None


def grid(low: float, high: float, step: float) -> Grid:
    """Make the grid of the multiples from `low` to `high`, including a bound that is one."""
    exact = fraction(step)
    return Grid(exact, -(-fraction(low) // exact), fraction(high) // exact)


def clipped_grid(low: float, high: float, step: float) -> Grid:
    """Make the grid of numbers from `low` to `high`, rounded to a step and then clipped.

    This is how NNI defines ``quniform`` and its kin: a bound that is no multiple is a value.
    """
    exact = fraction(step)
    return Grid(exact, round(fraction(low) / exact), round(fraction(high) / exact), low, high)


def fraction(number: float) -> Fraction:
    """Convert a float to the decimal that it was written as, so that 0.1 is one tenth."""
    return Fraction(Decimal(repr(number)))

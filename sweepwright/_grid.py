"""The multiples of a step, without rounding errors."""

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

MAX_EXACT = 2**53
"""Largest integer below which every integer is a float."""


@dataclass(frozen=True)
class Grid:
    """Multiples ``first * step`` to ``last * step``, with the step as an exact fraction.

    A multiple outside the bounds, which only the first and the last can be, is the bound.
    """

    step: Fraction
    first: int
    last: int
    low: float = -math.inf
    high: float = math.inf

    @property
    def size(self) -> int:
        """Number of multiples, 0 when none lies between the bounds."""
        return max(self.last - self.first + 1, 0)

    def value(self, index: int) -> float:
        """Compute the index-th multiple, correctly rounded, so that 3 * 0.1 is 0.3."""
        # Python divides two ints exactly and rounds once, whatever their size.
        value = index * self.step.numerator / self.step.denominator
        return min(max(value, self.low), self.high)

    def index(self, number: float) -> int:
        """Return the index of the multiple that is nearest to a finite number."""
        return min(max(round(Fraction(number) / self.step), self.first), self.last)

    def nearest(self, number: float) -> float:
        """Round a finite number to the nearest multiple of the grid."""
        return self.value(self.index(number))

    def number(self, value: float) -> float | None:
        """Return the multiple that a value is, None when it is none of them."""
        if not self.value(self.first) <= value <= self.value(self.last):
            return None
        nearest = self.nearest(value)
        return nearest if nearest == value else None


def grid(low: float, high: float, step: float) -> Grid:
    """Lay out the multiples of a step from `low` to `high`, both included if they are any."""
    exact = fraction(step)
    return Grid(exact, -(-fraction(low) // exact), fraction(high) // exact)


def clipped_grid(low: float, high: float, step: float) -> Grid:
    """Lay out what numbers from `low` to `high` become when rounded to a step and clipped."""
    exact = fraction(step)
    return Grid(exact, round(fraction(low) / exact), round(fraction(high) / exact), low, high)


def fraction(step: float) -> Fraction:
    """Read a number as the decimal it was written as, so that 0.1 is one tenth."""
    return Fraction(Decimal(repr(step)))

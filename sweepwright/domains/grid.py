"""Grids: the multiples of a step, computed without rounding errors.

A step such as 0.1 cannot be represented exactly as a float, so ``3 * 0.1`` gives
0.30000000000000004. A grid stores the step as a fraction of two integers, and rounds only the
final result to the nearest float.
"""

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

MAX_EXACT = 2**53
"""Floats, which have a mantissa of 53 bits, represent every integer up to this limit exactly."""


@dataclass(frozen=True)
class Grid:
    """The multiples of an exact step, from ``first * step`` to ``last * step``.

    The first multiple may be below `low`, and the last multiple may be above `high`. Such a
    multiple is replaced by the bound.
    """

    step: Fraction
    first: int
    last: int
    low: float = -math.inf
    high: float = math.inf

    @property
    def size(self) -> int:
        """Number of multiples, which is 0 if there is no multiple between the bounds."""
        return max(self.last - self.first + 1, 0)

    @property
    def is_exact(self) -> bool:
        """Whether floats represent each index, and distinguish all multiples.

        Columns hold floats, and tuners compute with indices. So each index k and each multiple
        k * step must be an exact float, as every integer up to 2**53 is. The larger of the two is
        k * max(step, 1).
        """
        return max(abs(self.first), abs(self.last)) * max(self.step, Fraction(1)) <= MAX_EXACT

    def value(self, index: int) -> float:
        """Compute the multiple at an index, correctly rounded, so that 3 * 0.1 is 0.3."""
        # Python divides integers of any size exactly, and rounds only the result.
        value = index * self.step.numerator / self.step.denominator
        return min(max(value, self.low), self.high)

    def index(self, number: float) -> int:
        """Return the index of the multiple that is nearest to a finite number."""
        return min(max(round(Fraction(number) / self.step), self.first), self.last)

    def nearest(self, number: float) -> float:
        """Round a finite number to the nearest multiple."""
        return self.value(self.index(number))

    def number(self, value: float) -> float | None:
        """Return a value as a multiple of the step, or None if the value is not a multiple."""
        if not self.value(self.first) <= value <= self.value(self.last):
            return None
        nearest = self.nearest(value)
        return nearest if nearest == value else None


def grid(low: float, high: float, step: float) -> Grid:
    """Make the grid of the multiples of a step from `low` to `high`.

    A bound that is itself a multiple is included.
    """
    exact = fraction(step)
    return Grid(exact, -(-fraction(low) // exact), fraction(high) // exact)


def clipped_grid(low: float, high: float, step: float) -> Grid:
    """Make the grid of the numbers from `low` to `high` after rounding and clipping.

    Each number is rounded to a multiple of the step, and then clipped to the bounds. So a bound
    may be a value even if it is not a multiple. NNI defines ``quniform`` and similar types in this
    way.
    """
    exact = fraction(step)
    return Grid(exact, round(fraction(low) / exact), round(fraction(high) / exact), low, high)


def fraction(number: float) -> Fraction:
    """Convert a float to the exact fraction of its decimal notation: 0.1 becomes one tenth."""
    return Fraction(Decimal(repr(number)))

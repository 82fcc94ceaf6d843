"""Intervals: between which numbers a value lies, for many boxes of parameters at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from .functions import ARITHMETIC, FUNCTIONS, Floats

Mask: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Interval:
    """What a number can be in each of m boxes: in a closed interval, or unknown."""

    low: Floats
    high: Floats
    unknown: Mask
    """Where it may be unknown."""
    known: Mask
    """Where it may be known."""


def arithmetic(operator: str, left: Interval, right: Interval) -> Interval:
    """Enclose what an operator makes of two numbers."""
    match operator:
        case "/" | "//":
            return _quotient(operator, left, right)
        case "%":
            return _remainder(left, right)
    return _of_corners(ARITHMETIC[operator], left, right)


def power(base: Interval, exponent: Interval) -> Interval:
    """Enclose a power; only of a base that is not negative is much known."""
    found = _of_corners(np.power, base, exponent)
    whole = exponent.low == exponent.high
    natural = whole & (exponent.low >= 0) & (exponent.low % 1 == 0)
    even = natural & (exponent.low % 2 == 0)
    # An even power of an interval around 0 begins at 0, and not at a corner.
    around = even & (base.low < 0) & (base.high > 0)
    found = replace(found, low=np.where(around, 0.0, found.low))
    return _unless(natural | (base.low > 0), found)


def negated(operand: Interval) -> Interval:
    """Enclose the opposite."""
    return replace(operand, low=-operand.high, high=-operand.low)


def extreme(operate: Callable[[Floats, Floats], Floats], parts: Sequence[Interval]) -> Interval:
    """Enclose the least or the greatest of some numbers."""
    found = parts[0]
    for part in parts[1:]:
        low, high = operate(found.low, part.low), operate(found.high, part.high)
        found = Interval(low, high, found.unknown | part.unknown, found.known & part.known)
    return found


def applied(function: str, operand: Interval) -> Interval:
    """Enclose what a function makes of a number; all but `abs` grow with it."""
    if function == "abs":
        around = (operand.low < 0) & (operand.high > 0)
        one, other = np.abs(operand.low), np.abs(operand.high)
        low = np.where(around, 0.0, np.minimum(one, other))
        return replace(operand, low=low, high=np.maximum(one, other))
    apply, least = FUNCTIONS[function], _LEAST.get(function, -np.inf)
    low, high = apply(np.maximum(operand.low, least)), apply(np.maximum(operand.high, least))
    undefined = operand.low < least if function == "sqrt" else operand.low <= least
    inside = operand.high >= least if function == "sqrt" else operand.high > least
    infinite = ~np.isfinite(low) | ~np.isfinite(high) | undefined
    return Interval(low, high, operand.unknown | infinite, operand.known & inside)


_LEAST: Mapping[str, float] = dict.fromkeys(("sqrt", "log", "log2", "log10"), 0.0)


def _of_corners(
    operate: Callable[[Floats, Floats], Floats], one: Interval, other: Interval
) -> Interval:
    """Enclose an operator whose extremes are at the corners of a box."""
    corners = np.stack(
        [operate(a, b) for a in (one.low, one.high) for b in (other.low, other.high)]
    )
    vague = np.isnan(corners).any(axis=0)
    low = np.where(vague, -np.inf, corners.min(axis=0))
    high = np.where(vague, np.inf, corners.max(axis=0))
    infinite = ~np.isfinite(low) | ~np.isfinite(high)
    return Interval(low, high, one.unknown | other.unknown | infinite, one.known & other.known)


def _quotient(operator: str, left: Interval, right: Interval) -> Interval:
    found = _of_corners(ARITHMETIC["/"], left, right)
    if operator == "//":
        # 0.3 / 0.001 is rounded to 300, and 0.3 // 0.001 is 299; of infinity there is no `//`.
        exact = _of_corners(ARITHMETIC["//"], left, right)
        low = np.where(np.isfinite(exact.low), exact.low, np.floor(found.low))
        high = np.where(np.isfinite(exact.high), exact.high, np.floor(found.high))
        found = replace(found, low=low, high=high)
    return _unless((right.low > 0) | (right.high < 0), found)


def _remainder(left: Interval, right: Interval) -> Interval:
    """Enclose a remainder, which has the sign of the divisor and is smaller."""
    unknown = left.unknown | right.unknown
    known = left.known & right.known
    low, high = np.minimum(right.low, 0.0), np.maximum(right.high, 0.0)
    same = (left.low >= 0) & (left.high < right.low)
    low, high = np.where(same, left.low, low), np.where(same, left.high, high)
    point = (left.low == left.high) & (right.low == right.high)
    exact = ARITHMETIC["%"](left.low, right.low)
    low, high = np.where(point, exact, low), np.where(point, exact, high)
    vague = ~np.isfinite(left.low) | ~np.isfinite(left.high)
    found = Interval(low, high, unknown | vague, known)
    return _unless((right.low > 0) | (right.high < 0), found)


def _unless(sound: Mask, found: Interval) -> Interval:
    """Keep what was found where that is sound; elsewhere it may be anything, or unknown."""
    return Interval(
        np.where(sound, found.low, -np.inf),
        np.where(sound, found.high, np.inf),
        found.unknown | ~sound,
        found.known,
    )

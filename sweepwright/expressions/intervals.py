"""Interval arithmetic: enclose numbers for many boxes of parameters at once.

**Corner enclosure.** An operator that is monotone in each operand, as `+`, `-`, `*` and a division
without 0 in the divisor are, takes its extremes over a rectangle at one of the four corners. So
the hull of the four corners encloses it. Functions of one argument, all monotone but `abs`, are
evaluated at both ends.

**Rounding.** The ends are computed by the same NumPy operations as the values themselves, which
round monotonely (IEEE 754), and so a value that is computed inside the box lies between the
computed ends. No rounding outwards is needed: claims are about what trials compute, and not about
real numbers. `exp`, `log` and `**` are accurate to an ulp or so, but not provably monotone; the
property tests allow them a relative slack of 1e-9.

**Unknown results.** Where an end has no finite value, as after overflow or for a root of a
negative number, the bounds widen to infinity and the result may be unknown.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from .functions import ARITHMETIC, FUNCTIONS, Floats

Mask: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Interval:
    """What a number may be in each of m boxes: a value in a closed interval, or unknown.

    At least one of `known` and `unknown` is set. Where `known` is not, the bounds mean nothing.
    """

    low: Floats
    high: Floats
    unknown: Mask
    """Boxes in which it may be unknown, for want of an active parameter or a finite result."""
    known: Mask
    """Boxes in which it may have a value."""


def arithmetic(operator: str, left: Interval, right: Interval) -> Interval:
    """Enclose the result of a binary operator."""
    match operator:
        case "/" | "//":
            return _quotient(operator, left, right)
        case "%":
            return _remainder(left, right)
    return _corner_hull(ARITHMETIC[operator], left, right)


def power(base: Interval, exponent: Interval) -> Interval:
    """Enclose a power.

    A power is monotone in each operand for a positive base, and for a constant natural exponent
    apart from an even one around 0. Any other power of a base that may be negative or 0 is left
    unbounded.
    """
    found = _corner_hull(np.power, base, exponent)
    constant = exponent.low == exponent.high
    natural = constant & (exponent.low >= 0) & (exponent.low % 1 == 0)
    even = natural & (exponent.low % 2 == 0)
    # x ** 2 over [-1, 2] has its minimum 0 inside, and not at a corner.
    around = even & (base.low < 0) & (base.high > 0)
    found = replace(found, low=np.where(around, 0.0, found.low))
    return _only_where(natural | (base.low > 0), found)


def negate(operand: Interval) -> Interval:
    """Enclose the negation of a number."""
    return replace(operand, low=-operand.high, high=-operand.low)


def extreme(operate: Callable[[Floats, Floats], Floats], parts: Sequence[Interval]) -> Interval:
    """Enclose the minimum or the maximum of several numbers."""
    found = parts[0]
    for part in parts[1:]:
        low, high = operate(found.low, part.low), operate(found.high, part.high)
        found = Interval(low, high, found.unknown | part.unknown, found.known & part.known)
    return found


def apply_function(function: str, operand: Interval) -> Interval:
    """Enclose a function of one number; all of them but `abs` increase with it."""
    if function == "abs":
        around = (operand.low < 0) & (operand.high > 0)
        one, other = np.abs(operand.low), np.abs(operand.high)
        low = np.where(around, 0.0, np.minimum(one, other))
        return replace(operand, low=low, high=np.maximum(one, other))
    # Outside of its domain a function has no value: cut the interval to the domain, and mark the
    # part that was cut off as possibly unknown.
    apply, least = FUNCTIONS[function], _DOMAIN_STARTS.get(function, -np.inf)
    low, high = apply(np.maximum(operand.low, least)), apply(np.maximum(operand.high, least))
    undefined = operand.low < least if function == "sqrt" else operand.low <= least
    inside = operand.high >= least if function == "sqrt" else operand.high > least
    infinite = ~np.isfinite(low) | ~np.isfinite(high) | undefined
    return Interval(low, high, operand.unknown | infinite, operand.known & inside)


_DOMAIN_STARTS: Mapping[str, float] = dict.fromkeys(("sqrt", "log", "log2", "log10"), 0.0)
"""The lower end of the domain of each function that is not defined everywhere."""


def _corner_hull(
    operate: Callable[[Floats, Floats], Floats], one: Interval, other: Interval
) -> Interval:
    """Enclose an operator by the hull of its values at the four corners of the box."""
    corners = np.stack(
        [operate(a, b) for a in (one.low, one.high) for b in (other.low, other.high)]
    )
    # A NaN corner, such as inf - inf or 0 * inf, says nothing about the values inside.
    vague = np.isnan(corners).any(axis=0)
    low = np.where(vague, -np.inf, corners.min(axis=0))
    high = np.where(vague, np.inf, corners.max(axis=0))
    infinite = ~np.isfinite(low) | ~np.isfinite(high)
    return Interval(low, high, one.unknown | other.unknown | infinite, one.known & other.known)


def _quotient(operator: str, left: Interval, right: Interval) -> Interval:
    found = _corner_hull(ARITHMETIC["/"], left, right)
    if operator == "//":
        # `//` is not the floor of `/` in floats: 0.3 / 0.001 rounds to 300, 0.3 // 0.001 is 299.
        # At infinite corners `//` is NaN, and the floor of the quotient has to do.
        exact = _corner_hull(ARITHMETIC["//"], left, right)
        low = np.where(np.isfinite(exact.low), exact.low, np.floor(found.low))
        high = np.where(np.isfinite(exact.high), exact.high, np.floor(found.high))
        found = replace(found, low=low, high=high)
    return _only_where((right.low > 0) | (right.high < 0), found)


def _remainder(left: Interval, right: Interval) -> Interval:
    """Enclose a remainder: it has the sign of the divisor, and a smaller magnitude.

    Two cases are tighter: a dividend in [0, divisor) is its own remainder, and single points are
    computed.
    """
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
    return _only_where((right.low > 0) | (right.high < 0), found)


def _only_where(sound: Mask, found: Interval) -> Interval:
    """Keep an enclosure where it is sound; elsewhere make it unbounded and possibly unknown."""
    return Interval(
        np.where(sound, found.low, -np.inf),
        np.where(sound, found.high, np.inf),
        found.unknown | ~sound,
        found.known,
    )

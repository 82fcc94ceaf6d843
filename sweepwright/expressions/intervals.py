"""Interval arithmetic: enclose numbers for many boxes of parameters at once.

**Corner enclosure.** The operators `+`, `-` and `*` are monotone in each operand, and so is `/` if
the interval of the divisor does not contain 0. Over a rectangle, such an operator takes its
minimum and its maximum at corners. So the hull of its values at the four corners encloses all its
values. Every function of one argument except `abs` is monotone, so its values at both ends enclose
all its values.

**Rounding.** The ends are computed by the same NumPy operations as the values themselves. These
operations round monotonely (IEEE 754), so every value that is computed inside the box lies between
the computed ends. Outward rounding is not needed, since a proof concerns the floats that trials
compute and not real numbers. `exp`, `log` and `**` are accurate to about one ulp, but they are not
guaranteed to be monotone. The property tests allow them a relative error of 1e-9.

**Unknown results.** If an end has no finite value, for example after an overflow or for the root
of a negative number, the bounds widen to infinity and the result may be unknown.
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
    """The possible values of a number in each of m boxes: a closed interval, or unknown.

    For each box, at least one of `known` and `unknown` is set. If `known` is not set, the bounds
    have no meaning.
    """

    low: Floats
    high: Floats
    unknown: Mask
    """Mask of the boxes in which the number may be unknown.

    A number is unknown if it depends on an inactive parameter or has no finite value.
    """
    known: Mask
    """Mask of the boxes in which the number may have a value."""


def arithmetic(operator: str, left: Interval, right: Interval) -> Interval:
    """Enclose the results of a binary operator."""
    match operator:
        case "/" | "//":
            return _quotient(operator, left, right)
        case "%":
            return _remainder(left, right)
    return _corner_hull(ARITHMETIC[operator], left, right)


def power(base: Interval, exponent: Interval) -> Interval:
    """Enclose the powers of a base.

    If the base is positive, a power is monotone in each operand. If the exponent is a constant
    natural number, a power is monotone in the base, except that an even power has its minimum at
    0. In all other cases the result is left unbounded.
    """
    found = _corner_hull(np.power, base, exponent)
    constant = exponent.low == exponent.high
    natural = constant & (exponent.low >= 0) & (exponent.low % 1 == 0)
    even = natural & (exponent.low % 2 == 0)
    # Over [-1, 2], x ** 2 has its minimum inside the interval, at 0, and not at a corner.
    around = even & (base.low < 0) & (base.high > 0)
    found = replace(found, low=np.where(around, 0.0, found.low))
    return _only_where(natural | (base.low > 0), found)


def negate(operand: Interval) -> Interval:
    """Enclose the negated values of a number."""
    return replace(operand, low=-operand.high, high=-operand.low)


def extreme(operate: Callable[[Floats, Floats], Floats], parts: Sequence[Interval]) -> Interval:
    """Enclose the minimum or the maximum of several numbers."""
    found = parts[0]
    for part in parts[1:]:
        low, high = operate(found.low, part.low), operate(found.high, part.high)
        found = Interval(low, high, found.unknown | part.unknown, found.known & part.known)
    return found


def apply_function(function: str, operand: Interval) -> Interval:
    """Enclose the results of a function of one number.

    Every such function except `abs` increases with the number.
    """
    if function == "abs":
        around = (operand.low < 0) & (operand.high > 0)
        one, other = np.abs(operand.low), np.abs(operand.high)
        low = np.where(around, 0.0, np.minimum(one, other))
        return replace(operand, low=low, high=np.maximum(one, other))
    # A function has no value outside of its domain. Restrict the interval to the domain and, if
    # this removes a part of the interval, mark the result as possibly unknown.
    apply, least = FUNCTIONS[function], _DOMAIN_STARTS.get(function, -np.inf)
    low, high = apply(np.maximum(operand.low, least)), apply(np.maximum(operand.high, least))
    undefined = operand.low < least if function == "sqrt" else operand.low <= least
    inside = operand.high >= least if function == "sqrt" else operand.high > least
    infinite = ~np.isfinite(low) | ~np.isfinite(high) | undefined
    return Interval(low, high, operand.unknown | infinite, operand.known & inside)


_DOMAIN_STARTS: Mapping[str, float] = dict.fromkeys(("sqrt", "log", "log2", "log10"), 0.0)
"""Mapping from each function that is not defined everywhere to the lower end of its domain."""


def _corner_hull(
    operate: Callable[[Floats, Floats], Floats], one: Interval, other: Interval
) -> Interval:
    """Enclose the results of an operator by the hull of its values at the four corners."""
    corners = np.stack(
        [operate(a, b) for a in (one.low, one.high) for b in (other.low, other.high)]
    )
    # If a corner is NaN, as inf - inf and 0 * inf are, the corners do not bound the values inside.
    vague = np.isnan(corners).any(axis=0)
    low = np.where(vague, -np.inf, corners.min(axis=0))
    high = np.where(vague, np.inf, corners.max(axis=0))
    infinite = ~np.isfinite(low) | ~np.isfinite(high)
    return Interval(low, high, one.unknown | other.unknown | infinite, one.known & other.known)


def _quotient(operator: str, left: Interval, right: Interval) -> Interval:
    found = _corner_hull(ARITHMETIC["/"], left, right)
    if operator == "//":
        # In floats, `//` is not the floor of `/`: 0.3 / 0.001 rounds to 300, but 0.3 // 0.001 is
        # 299. At infinite corners `//` is NaN, so take the floor of the quotient there.
        exact = _corner_hull(ARITHMETIC["//"], left, right)
        low = np.where(np.isfinite(exact.low), exact.low, np.floor(found.low))
        high = np.where(np.isfinite(exact.high), exact.high, np.floor(found.high))
        found = replace(found, low=low, high=high)
    return _only_where((right.low > 0) | (right.high < 0), found)


def _remainder(left: Interval, right: Interval) -> Interval:
    """Enclose the remainders of a division.

    A remainder has the sign of the divisor and a smaller magnitude. Two cases have tighter bounds.
    A dividend that is at least 0 and less than the divisor equals the remainder. If both operands
    are single points, the remainder is computed.
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
    """Keep the intervals in the mask `sound`; make all others unbounded and possibly unknown."""
    return Interval(
        np.where(sound, found.low, -np.inf),
        np.where(sound, found.high, np.inf),
        found.unknown | ~sound,
        found.known,
    )

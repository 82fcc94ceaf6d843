"""Operators and functions over columns of numbers, in which NaN represents an unknown value.

The truth values are the numbers 1 (true), 0 (false) and NaN (unknown). `all_of`, `any_of` and
negation, computed as ``1 - x``, follow Kleene's strong three-valued logic: if one operand decides
the result, the result is known even if other operands are unknown. All other operations return NaN
if an operand is NaN.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]


def as_float(value: float) -> float:
    """Convert a number to a float; an integer beyond the largest float becomes infinite."""
    try:
        return float(value)
    except OverflowError:
        return np.inf if value > 0 else -np.inf


def power(base: Floats, exponent: Floats) -> Floats:
    """Raise a base to a power; the result is unknown if either operand is unknown."""
    unknown = np.isnan(base) | np.isnan(exponent)
    return np.where(unknown, np.nan, np.power(base, exponent))


def all_of(operands: Sequence[Floats]) -> Floats:
    """Combine conditions by "and", in Kleene's logic.

    The result is false if an operand is false, else unknown if an operand is unknown, else true.
    """
    # NaN == 0 is False in NumPy, so an unknown operand does not count as a false one.
    held = np.stack(np.broadcast_arrays(*operands))
    unknown = np.isnan(held).any(axis=0)
    return np.where((held == 0).any(axis=0), 0.0, np.where(unknown, np.nan, 1.0))


def any_of(operands: Sequence[Floats]) -> Floats:
    """Combine conditions by "or", in Kleene's logic.

    The result is true if an operand is true, else unknown if an operand is unknown, else false. It
    is computed by De Morgan's law.
    """
    return 1 - all_of([1 - operand for operand in operands])


def select(test: Floats, then: Floats, otherwise: Floats) -> Floats:
    """Return `then` if the test is true, `otherwise` if it is false, and NaN if it is unknown."""
    return np.where(test == 1, then, np.where(test == 0, otherwise, np.nan))


def compare(operator: str, left: Floats, right: Floats) -> Floats:
    """Compare two columns; the result is unknown if either side is unknown."""
    # For NaN, NumPy returns true from `!=` and false from every other comparison. The mask makes
    # all of these results unknown.
    held = COMPARISONS[operator](left, right).astype(float)
    return np.where(np.isnan(left) | np.isnan(right), np.nan, held)


def finite(values: Floats) -> Floats:
    """Replace infinite and undefined results, such as a division by 0, by NaN."""
    return np.where(np.isfinite(values), values, np.nan)


ARITHMETIC: Mapping[str, Callable[[Floats, Floats], Floats]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "//": np.floor_divide,
    "%": np.mod,
}
COMPARISONS: Mapping[str, Callable[[Floats, Floats], NDArray[np.bool_]]] = {
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
FUNCTIONS: Mapping[str, Callable[[Floats], Floats]] = {
    "abs": np.abs,
    "floor": np.floor,
    "ceil": np.ceil,
    # A number halfway between two integers is rounded to the even integer, as in Python.
    "round": np.rint,
    "sqrt": np.sqrt,
    "exp": np.exp,
    "log": np.log,
    "log2": np.log2,
    "log10": np.log10,
}
EXTREMES: Mapping[str, Callable[[Floats, Floats], Floats]] = {
    "min": np.minimum,
    "max": np.maximum,
}
ARITIES: Mapping[str, tuple[int, int]] = {
    "min": (2, 64),
    "max": (2, 64),
    "abs": (1, 1),
    "floor": (1, 1),
    "ceil": (1, 1),
    "round": (1, 1),
    "sqrt": (1, 1),
    "exp": (1, 1),
    "log": (1, 1),
    "log2": (1, 1),
    "log10": (1, 1),
    "active": (1, 1),
}
"""The minimum and maximum number of arguments of each function."""

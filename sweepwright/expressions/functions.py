"""What operators and functions do to whole columns of numbers; NaN is what is not known."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]


def as_float(value: float) -> float:
    """Make a float of a number; an integer beyond all floats is infinite."""
    try:
        return float(value)
    except OverflowError:
        return np.inf if value > 0 else -np.inf


def power(base: Floats, exponent: Floats) -> Floats:
    """Raise to a power; NumPy would have anything to the power of 0 be 1, the unknown too."""
    unknown = np.isnan(base) | np.isnan(exponent)
    return np.where(unknown, np.nan, np.power(base, exponent))


def all_of(operands: Sequence[Floats]) -> Floats:
    """Tell whether all are true: false where one is false, else unknown where one is."""
    held = np.stack(np.broadcast_arrays(*operands))
    unknown = np.isnan(held).any(axis=0)
    return np.where((held == 0).any(axis=0), 0.0, np.where(unknown, np.nan, 1.0))


def any_of(operands: Sequence[Floats]) -> Floats:
    """Tell whether one is true: true where one is, else unknown where one is unknown."""
    return 1 - all_of([1 - operand for operand in operands])


def choose(test: Floats, then: Floats, otherwise: Floats) -> Floats:
    """Take the one where the test is true, the other where it is false."""
    return np.where(test == 1, then, np.where(test == 0, otherwise, np.nan))


def compare(operator: str, left: Floats, right: Floats) -> Floats:
    """Compare; unknown where a side is."""
    held = COMPARISONS[operator](left, right).astype(float)
    return np.where(np.isnan(left) | np.isnan(right), np.nan, held)


def finite(values: Floats) -> Floats:
    """Make unknown of what is no number: a root of -1, a division by 0."""
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
"""The fewest and the most arguments of each function."""

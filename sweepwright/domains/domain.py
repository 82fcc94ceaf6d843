"""The union type of all domains, and the faults that make it impossible to draw a value."""

import math
import sys
from collections.abc import Sequence
from typing import Any, TypeAlias

from .choices import Categorical, Nested, Ordinal
from .numeric import Integer, Normal, Real

Domain: TypeAlias = Real | Integer | Normal | Categorical | Ordinal | Nested

LARGEST = sys.float_info.max
"""The largest finite float."""


def fault(domain: Domain) -> str | None:
    """Return why no value can be drawn from a domain, or None if the domain is valid.

    Domains are built without checks, so that a compiler that reads them from a file can report all
    faults at once, each with its position.
    """
    match domain:
        case Categorical(options, weights) | Nested(options, weights):
            return _bad_choices(options) or _bad_weights(weights, len(options))
        case Ordinal(options):
            return _bad_choices(options)
        case Normal(mean, std):
            finite = math.isfinite(mean) and math.isfinite(std)
            valid = finite and std > 0
            return _bad_step(domain.step) if valid else "its `std` is not a number above 0"
        case Real(low, high, log) | Integer(low, high, log):
            return _bad_bounds(low, high, log=log) or _bad_step(domain.step) or _bad_grid(domain)


def _bad_choices(options: Sequence[Any]) -> str | None:
    if not options:
        return "it has no choices"
    numbers = [option for option in options if isinstance(option, float)]
    return None if all(map(math.isfinite, numbers)) else "a choice is not a finite number"


def _bad_weights(weights: Sequence[float] | None, count: int) -> str | None:
    if weights is None:
        return None
    if len(weights) != count:
        return f"it has {len(weights)} weights for {count} choices"
    valid = all(0 < weight <= LARGEST for weight in weights) and sum(weights) <= LARGEST
    return None if valid else "a weight is not a number above 0"


def _bad_bounds(low: float, high: float, *, log: bool) -> str | None:
    # The width must also be finite, since `Columns` computes with it.
    if not -LARGEST <= low <= high <= LARGEST or high - low > LARGEST:
        return "no number lies between its bounds"
    return "its logarithm needs bounds above 0" if log and low <= 0 else None


def _bad_step(step: float | None) -> str | None:
    return None if step is None or 0 < step <= LARGEST else "its `step` is not a number above 0"


def _bad_grid(domain: Real | Integer) -> str | None:
    grid = domain.grid
    if grid is None:
        return None
    if not grid.size:
        return "no multiple of its `step` lies between its bounds"
    return None if grid.is_exact else "above 2**53, floats cannot distinguish its values"

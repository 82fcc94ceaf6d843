"""What makes a domain one that no value can be drawn from."""

import math
import sys
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from .domains import MAX_EXACT, Categorical, Domain, Integer, Nested, Normal, Ordinal, Real

LARGEST = sys.float_info.max


def fault(domain: Domain) -> str | None:
    """Say what makes a domain one that no value can be drawn from, None for a sound one."""
    match domain:
        case Categorical(options, weights) | Nested(options, weights):
            return _bad_choices(options) or _bad_weights(weights, len(options))
        case Ordinal(options):
            return _bad_choices(options)
        case Normal(mean, std):
            finite = math.isfinite(mean) and math.isfinite(std)
            sound = finite and std > 0
            return _bad_step(domain.step) if sound else "its `std` is no number above 0"
        case Real(low, high, log) | Integer(low, high, log):
            return _bad_bounds(low, high, log=log) or _bad_step(domain.step) or _bad_grid(domain)


def _bad_choices(options: Sequence[Any]) -> str | None:
    if not options:
        return "it has no choices"
    numbers = [option for option in options if isinstance(option, float)]
    return None if all(map(math.isfinite, numbers)) else "a choice is no finite number"


def _bad_weights(weights: Sequence[float] | None, count: int) -> str | None:
    if weights is None:
        return None
    if len(weights) != count:
        return f"it has {len(weights)} weights for {count} choices"
    sound = all(0 < weight <= LARGEST for weight in weights) and sum(weights) <= LARGEST
    return None if sound else "a weight is no number above 0"


def _bad_bounds(low: float, high: float, *, log: bool) -> str | None:
    if not -LARGEST <= low <= high <= LARGEST or high - low > LARGEST:
        return "no number lies between its bounds"
    return "its logarithm needs bounds above 0" if log and low <= 0 else None


def _bad_step(step: float | None) -> str | None:
    return None if step is None or 0 < step <= LARGEST else "its `step` is no number above 0"


def _bad_grid(domain: Real | Integer) -> str | None:
    cut = domain.grid
    if cut is None:
        return None
    if not cut.size:
        return "no multiple of its `step` lies between its bounds"
    beyond = max(abs(cut.first), abs(cut.last)) * max(cut.step, Fraction(1)) > MAX_EXACT
    return "beyond 2**53 its values cannot be told apart" if beyond else None

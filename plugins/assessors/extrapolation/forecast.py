"""Forecasts the last value of a curve, or reports that this value is still unknown.

Decision 0011 has the measurements behind the constants.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .families import Floats
from .posterior import PosteriorDraws, extrapolate

LOWEST, HIGHEST = 0.2, 0.8
"""Scaled values of the worst and of the best observed value, inside the range of the families."""
MOST_POINTS = 64
"""Largest number of values that are fitted. Longer curves are thinned out, less at the beginning
than at the end."""
ROUNDING = 1e-9
"""Relative span of the values below which a curve counts as flat, because its differences may be
rounding errors."""
MAX_SLOPE_RATIO = 0.75
"""The end of a curve is unknown if the slope of its second half is at least this share of the
slope of its first half. If a curve approaches its end exponentially with this ratio, the remaining
rise is 1.3 times the observed rise."""
MIN_VALUES = 3
"""Smallest number of values with which a curve has two halves."""
MIN_EFFECTIVE_DRAWS = 50
"""Smallest effective sample size of the weighted draws that is sufficient for a forecast."""
MAX_NOISE = 0.2
"""Noise above which no family fits the curve. It is a third of the observed span."""
MAX_STD = 0.9
"""Standard deviation of the last value above which this value is unknown. It is 1.5 times the
observed span."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """The posterior distribution of the last value of a curve."""

    draws: PosteriorDraws
    scale: "Scale"

    def probability(self, value: float) -> float:
        """Return the probability that the last value is below `value`, which means better."""
        return self.draws.exceeds(self.scale.rise(value))


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps values of a curve to the range of the families. Better values become higher."""

    unit: float
    """Largest absolute value of the curve. All values are divided by it first, so that no
    difference overflows."""
    worst: float
    span: float

    def rise(self, value: float) -> float:
        """Map a value of the curve to the range of the families."""
        return LOWEST + (HIGHEST - LOWEST) * (self.worst - value / self.unit) / self.span


def find_scale(curve: Sequence[float]) -> Scale | None:
    """Return the scale of a curve, which depends only on this curve; None for a flat curve."""
    unit = max(map(abs, curve)) or 1.0
    worst, best = max(curve) / unit, min(curve) / unit
    return Scale(unit, worst, worst - best) if worst - best > ROUNDING else None


def forecast_end(
    curve: Sequence[float], steps: int, draws: np.random.Generator
) -> Forecast | None:
    """Forecast the value of a curve at step `steps`, or return None if this value is unknown.

    The value is unknown in these cases: the curve is flat, the curve does not slow down yet, no
    family fits the curve, the forecasts of the families differ too much, or too few draws are
    effective.
    """
    scale = find_scale(curve)
    if scale is None or len(curve) < MIN_VALUES:
        return None
    x, y = thin_out(np.array([scale.rise(value) for value in curve]))
    if has_not_slowed(x, y):
        return None
    posterior = extrapolate(x, y, steps, draws)
    reliable = (
        posterior.size >= MIN_EFFECTIVE_DRAWS
        and posterior.noise <= MAX_NOISE
        and posterior.std <= MAX_STD
    )
    return Forecast(posterior, scale) if reliable else None


def has_not_slowed(x: Floats, y: Floats) -> bool:
    """Tell whether the second half of a curve is about as steep as the first, or steeper.

    The values of such a curve do not indicate how far the curve will rise.
    """
    middle = int(np.searchsorted(x, (x[0] + x[-1]) / 2))
    first = (y[middle] - y[0]) / (x[middle] - x[0])
    second = (y[-1] - y[middle]) / (x[-1] - x[middle])
    return bool(second > 0 and second >= MAX_SLOPE_RATIO * first)


def thin_out(y: Floats) -> tuple[Floats, Floats]:
    """Return the steps and the values of at most `MOST_POINTS` points of a curve.

    Steps are counted from 1. The last step is always included.
    """
    count = len(y)
    if count <= MOST_POINTS:
        return np.arange(1.0, count + 1), y
    # A quarter of the points is spaced geometrically, because a curve bends most at its beginning.
    early = np.geomspace(1, count, MOST_POINTS // 4)
    even = np.linspace(1, count, MOST_POINTS - MOST_POINTS // 4)
    kept = np.unique(np.concatenate([early, even]).round().astype(int))
    return kept.astype(float), y[kept - 1]

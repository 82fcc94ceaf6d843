"""Forecasts where a curve will end, or reports that this is still unknown.

Decision 0011 has the measurements behind the constants.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .families import Floats
from .posterior import PosteriorDraws, extrapolate

LOWEST, HIGHEST = 0.2, 0.8
"""Where the worst and the best observed value are scaled to: inside the range of the families."""
MOST_POINTS = 64
"""Most values that are fitted. A longer curve is thinned out, less so at its beginning."""
ROUNDING = 1e-9
"""Relative span of the values below which a curve counts as flat: the rest is rounding."""
MAX_SLOPE_RATIO = 0.75
"""Slope of the second half of a curve, relative to the first, from which its end is unknown.
For a curve that approaches its end exponentially with this ratio, the remaining rise is 1.3
times the observed one."""
MIN_VALUES = 3
"""Fewest values of a curve that has two halves."""
MIN_EFFECTIVE_DRAWS = 50
"""Smallest effective sample size of the weighted draws."""
MAX_NOISE = 0.2
"""Noise, a third of the observed span, above which no family fits the curve."""
MAX_STD = 0.9
"""Standard deviation of the last value, 1.5 times the observed span, above which it is unknown."""


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
    """Maps the minimised values of one curve to rising ones, in the range of the families."""

    unit: float
    """Largest absolute value, by which all are divided first, so that no difference overflows."""
    worst: float
    span: float

    def rise(self, value: float) -> float:
        """Map a value."""
        return LOWEST + (HIGHEST - LOWEST) * (self.worst - value / self.unit) / self.span


def find_scale(curve: Sequence[float]) -> Scale | None:
    """Find the scale of a curve from its own values; None for a flat curve."""
    unit = max(map(abs, curve)) or 1.0
    worst, best = max(curve) / unit, min(curve) / unit
    return Scale(unit, worst, worst - best) if worst - best > ROUNDING else None


def forecast_end(
    curve: Sequence[float], steps: int, draws: np.random.Generator
) -> Forecast | None:
    """Forecast the value of a curve at step `steps`; None if it is unknown.

    It is unknown while the curve is flat or does not slow down yet, if no family fits the curve
    or the forecasts of the families differ too much, and if too few draws are effective.
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

    Such a beginning has no scale of its own, so it cannot tell how far the curve will rise.
    """
    middle = int(np.searchsorted(x, (x[0] + x[-1]) / 2))
    first = (y[middle] - y[0]) / (x[middle] - x[0])
    second = (y[-1] - y[middle]) / (x[-1] - x[middle])
    return bool(second > 0 and second >= MAX_SLOPE_RATIO * first)


def thin_out(y: Floats) -> tuple[Floats, Floats]:
    """Return steps, counted from 1, and values of at most `MOST_POINTS` points with the last."""
    count = len(y)
    if count <= MOST_POINTS:
        return np.arange(1.0, count + 1), y
    # A quarter of the points is spaced geometrically, because a curve bends most at its beginning.
    early = np.geomspace(1, count, MOST_POINTS // 4)
    even = np.linspace(1, count, MOST_POINTS - MOST_POINTS // 4)
    kept = np.unique(np.concatenate([early, even]).round().astype(int))
    return kept.astype(float), y[kept - 1]

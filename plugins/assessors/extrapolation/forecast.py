"""Where a trial's own curve is likely to end, or that nobody can tell yet."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .families import Floats
from .posterior import Draws, extrapolate

LOW, HIGH = 0.2, 0.8
"""Where the worst and the best value seen come to lie: in the range of the families."""
MOST_POINTS = 64
"""Values that are fitted at most; a longer curve is thinned out, less at its beginning."""
ROUNDING = 1e-9
"""Relative size of a span below which it is no more than rounding."""
SLOWER = 0.75
"""How steep the second half of a curve may be, of the first half, for its end to be in sight.
Of one that nears its end by halves, what is left is then 1.3 times what was seen."""
LEAST = 3
"""Values of a curve without which it has no two halves."""
ENOUGH = 50
"""Equal draws that the weighted ones must be worth."""
LOUDEST = 0.2
"""Noise, a third of what a curve spans, above which no family fits it."""
WIDEST = 0.9
"""Deviation of the last value, one and a half of that span, above which nothing is known."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is known of the last value of a curve."""

    draws: Draws
    scale: "Scale"

    def probability(self, value: float) -> float:
        """Return the probability that the last value is below another, which is better."""
        return self.draws.exceeds(self.scale.rise(value))


@dataclass(frozen=True, slots=True)
class Scale:
    """Turns minimised values of one curve into rising ones, in the range of the families."""

    unit: float
    """Largest size of a value, by which all are divided first: no difference overflows."""
    worst: float
    span: float

    def rise(self, value: float) -> float:
        """Turn a value."""
        return LOW + (HIGH - LOW) * (self.worst - value / self.unit) / self.span


def scale_of(curve: Sequence[float]) -> Scale | None:
    """Measure a curve by itself alone; None for one that is flat."""
    unit = max(map(abs, curve)) or 1.0
    worst, best = max(curve) / unit, min(curve) / unit
    return Scale(unit, worst, worst - best) if worst - best > ROUNDING else None


def look_ahead(curve: Sequence[float], steps: int, draws: np.random.Generator) -> Forecast | None:
    """Tell where a curve of minimised values will be at step `steps`; None: don't know yet.

    Nobody knows while the curve is flat, while its rise has not begun to slow down, when no
    family fits it or they are too far apart, or when the draws are too few after all.
    """
    scale = scale_of(curve)
    if scale is None or len(curve) < LEAST:
        return None
    x, y = thinned(np.array([scale.rise(value) for value in curve]))
    if still_rises(x, y):
        return None
    found = extrapolate(x, y, steps, draws)
    known = found.size >= ENOUGH and found.noise <= LOUDEST and found.std <= WIDEST
    return Forecast(found, scale) if known else None


def still_rises(x: Floats, y: Floats) -> bool:
    """Tell whether the second half of a curve rose about as steeply as the first, or more so.

    Whoever sees such a beginning cannot tell how far it will go: it has no scale.
    """
    middle = int(np.searchsorted(x, (x[0] + x[-1]) / 2))
    first = (y[middle] - y[0]) / (x[middle] - x[0])
    second = (y[-1] - y[middle]) / (x[-1] - x[middle])
    return bool(second > 0 and second >= SLOWER * first)


def thinned(y: Floats) -> tuple[Floats, Floats]:
    """Return steps, counted from 1, and values of at most so many points, the last included."""
    count = len(y)
    if count <= MOST_POINTS:
        return np.arange(1.0, count + 1), y
    early = np.geomspace(1, count, MOST_POINTS // 4)
    even = np.linspace(1, count, MOST_POINTS - MOST_POINTS // 4)
    kept = np.unique(np.concatenate([early, even]).round().astype(int))
    return kept.astype(float), y[kept - 1]

"""The standard normal distribution, for arrays, without scipy."""

import math
from statistics import NormalDist
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

INSIDE = 2.0**-53
"""Distance kept from 0 and 1, whose quantiles are infinite: 8.2 standard deviations."""


def quantile(probabilities: Floats) -> Floats:
    """Invert `cumulative`, to about 16 digits (Wichura's AS 241); NaN stays NaN."""
    inside = np.clip(probabilities, INSIDE, 1 - INSIDE)
    with np.errstate(invalid="ignore"):
        return np.asarray(_quantile(inside), dtype=float)


def cumulative(scores: Floats) -> Floats:
    """Compute the distribution function, precise in the lower tail too; NaN stays NaN."""
    return np.asarray(_cumulative(scores), dtype=float)


def _cdf(score: float) -> float:
    # NormalDist.cdf adds erf to 1, which loses every digit below -8.
    return math.erfc(-score / math.sqrt(2)) / 2


_quantile = np.frompyfunc(NormalDist().inv_cdf, 1, 1)
_cumulative = np.frompyfunc(_cdf, 1, 1)

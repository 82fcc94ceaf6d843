"""The statistics of the comparison, all on paired seeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, sqrt

import numpy as np
from scipy import stats

from sweepwright.seeds import rng

from .regret import Floats

RESAMPLES = 4_000
FLIPS = 50_000
LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate, and where 95 of 100 resamples lie."""

    estimate: float
    low: float
    high: float

    def __str__(self) -> str:
        """Render with three digits."""
        return f"{self.estimate:.3g} [{self.low:.3g}, {self.high:.3g}]"


def bootstrap(regrets: Sequence[Floats]) -> tuple[Floats, Floats]:
    """Resample the mean regret of each tuner over problems.

    Parameters
    ----------
    regrets : sequence of ndarray, shape (tuners, seeds)
        One for each problem; seeds are in the same order for all tuners.

    Returns
    -------
    means : ndarray, shape (tuners,)
    resampled : ndarray, shape (tuners, RESAMPLES)
        The seeds of each problem are drawn anew, the same for all tuners.
    """
    source = rng(0, "bootstrap")
    total = np.zeros((len(regrets[0]), RESAMPLES))
    for matrix in regrets:
        seeds = matrix.shape[1]
        total += matrix[:, source.integers(seeds, size=(RESAMPLES, seeds))].mean(axis=2)
    means = np.mean([matrix.mean(axis=1) for matrix in regrets], axis=0)
    return means, total / len(regrets)


def interval(estimate: float, resampled: Floats) -> Interval:
    """Take the percentiles of a bootstrap."""
    # A ratio to a regret of nothing is infinite, which leaves nothing to interpolate.
    low, high = np.quantile(resampled, (LEVEL / 2, 1 - LEVEL / 2), method="inverted_cdf")
    return Interval(estimate, float(low), float(high))


def ratio_to_best(mine: int, others: Sequence[int], means: Floats, resampled: Floats) -> Interval:
    """Compare a tuner with the best of others, which is found in each resample anew."""
    estimate = float(means[mine] / means[list(others)].min())
    return interval(estimate, resampled[mine] / resampled[list(others)].min(axis=0))


def is_worse(ones: Floats, others: Floats) -> float:
    """Test by flipping signs whether `ones` are larger than `others` on average; one-sided.

    Under the null hypothesis each difference of a pair is as likely as its opposite. The
    p-value counts, of 50,000 draws of signs and of the signs there are, those whose mean
    difference is as large.
    """
    differences = ones - others
    signs = rng(0, "flips").choice((-1.0, 1.0), size=(FLIPS, len(differences)))
    means = signs @ differences
    reached = np.count_nonzero(means >= differences.sum() - 1e-12 * np.abs(differences).sum())
    return (reached + 1) / (FLIPS + 1)


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values by Holm's step-down method; the family errs once in 20 below 0.05."""
    order = np.argsort(p_values, kind="stable")
    count = len(p_values)
    steps = [(count - step) * p_values[index] for step, index in enumerate(order)]
    adjusted = np.empty(count)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(steps))
    return [float(p) for p in adjusted]


def average_ranks(regrets: Sequence[Floats]) -> Floats:
    """Rank the tuners on each problem by mean regret, 1 the best, and average; (tuners,)."""
    ranks = [stats.rankdata(matrix.mean(axis=1)) for matrix in regrets]
    averaged: Floats = np.mean(ranks, axis=0)
    return averaged


def critical_difference(tuners: int, problems: int) -> float:
    """Return by how much average ranks must differ (Nemenyi's test, 5 %; Demšar 2006, eq. 2)."""
    quantile = stats.studentized_range.ppf(1 - LEVEL, tuners, inf) / sqrt(2)
    return float(quantile * sqrt(tuners * (tuners + 1) / (6 * problems)))

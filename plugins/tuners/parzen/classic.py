"""The classic models: each parameter by itself, as by Bergstra et al. [1]_.

For each parameter, one-dimensional densities :math:`l` and :math:`g` are estimated from the
good trials and from the others (eq. 2). Of some draws from :math:`l` the one with the highest
:math:`l / g` is taken, since that maximises the expected improvement (eq. 8). A kernel is as
wide as the larger gap to its neighbours. This is the algorithm of hyperopt, whose constants
these are, and with small changes that of NNI. Decision 0008 compares it with the joint model.

References
----------
.. [1] J. Bergstra, R. Bardenet, Y. Bengio, B. Kegl, "Algorithms for Hyper-Parameter
   Optimization", NeurIPS 2011.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .axes import Axes, Floats, Mask
from .mixture import truncated_normal
from .trials import Trials

MOST_GOOD = 25
"""Largest number of good trials; ``gamma_cap`` of hyperopt."""
RECENT = 25
"""Most recent trials, which have full weight; ``linear_forgetting`` of hyperopt."""
MAX_NARROWING = 100
"""How many times narrower than the prior's kernel another kernel may be."""

ConstantLiar = Literal["best", "worst", "mean"]


@dataclass(frozen=True, slots=True)
class Density:
    """Mixture of k normal densities truncated to the unit interval, one of which is the prior."""

    centres: Floats
    widths: Floats
    weights: Floats

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Draw n points, shape (n,)."""
        cumulative = np.cumsum(self.weights)
        chosen = np.searchsorted(cumulative, rng.random(n) * cumulative[-1], side="right")
        return truncated_normal(rng.random(n), self.centres[chosen], self.widths[chosen])

    def log(self, points: Floats, bins: Floats) -> Floats:
        """Compute the log-density at points, or of a bin the log-probability."""
        low, high = self._cumulated(np.zeros(1)), self._cumulated(np.ones(1))
        z = (points[:, None] - self.centres) / self.widths
        density = np.exp(-z * z / 2) / (self.widths * math.sqrt(2 * math.pi))
        left, right = points - bins / 2, points + bins / 2
        mass = self._cumulated(np.minimum(right, 1)) - self._cumulated(np.maximum(left, 0))
        # Divided by the mass inside the unit interval, to which the kernels are truncated.
        terms = np.where(bins[:, None] > 0, mass, density) / (high - low)
        return np.asarray(np.log(np.maximum(terms @ self.weights / self.weights.sum(), 1e-300)))

    def _cumulated(self, points: Floats) -> Floats:
        from scipy.special import ndtr  # noqa: PLC0415 - slow to import, and only a model needs it

        return np.asarray(ndtr((points[:, None] - self.centres) / self.widths))


def density(points: Floats, prior_weight: float) -> Density:
    """Estimate a density from points in chronological order, shape (k,).

    The prior is a kernel at the middle of the axis and as wide as the axis. Another kernel is as
    wide as the larger gap to a neighbouring centre, that of the prior included. A single point
    gets half the width of the axis.
    """
    k = len(points)
    # The prior takes part in the sorting, so that it counts as a neighbour of others.
    centres = np.append(points, 0.5)
    order = np.argsort(centres, kind="stable")
    gaps = np.concatenate([[0.0], np.diff(centres[order]), [0.0]])
    widths = np.maximum(gaps[:-1], gaps[1:]) if k > 1 else np.full(k + 1, 0.5)
    # hyperopt's lower bound. It is coarser for few points, which say little about scale.
    widths = np.clip(widths, 1 / min(MAX_NARROWING, k + 2), 1)
    widths[order == k] = 1.0
    return Density(centres[order], widths, np.append(recency_weights(k), prior_weight)[order])


def recency_weights(k: int) -> Floats:
    """Weigh k trials in chronological order: the last 25 by 1, earlier ones rising from 1/k."""
    old = max(k - RECENT, 0)
    return np.concatenate([np.linspace(1 / max(k, 1), 1, old), np.ones(k - old)])


@dataclass(frozen=True, slots=True)
class Observations:
    """Trials that the densities are estimated from, in chronological order."""

    points: Floats
    """Shape (n, d)."""
    losses: Floats


def best_trials(losses: Floats, gamma: float) -> Mask:
    """Mark the best ``gamma sqrt(n)`` trials, rounded up, at most 25, without any that failed."""
    count = min(math.ceil(gamma * math.sqrt(len(losses))), MOST_GOOD)
    good = np.zeros(len(losses), dtype=bool)
    # Stable: of equal losses, the earlier trial counts as good.
    good[np.argsort(losses, kind="stable")[:count]] = True
    return good & (losses < math.inf)


@dataclass(frozen=True, slots=True)
class OptionProbabilities:
    """A probability for each option of a choice."""

    probabilities: Floats

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Draw the indices of n options, shape (n,)."""
        return rng.choice(len(self.probabilities), n, p=self.probabilities).astype(float)

    def log(self, points: Floats, _bins: Floats) -> Floats:
        """Compute the log-probabilities of options."""
        return np.asarray(np.log(self.probabilities[points.astype(int)]))


@dataclass(frozen=True, slots=True)
class DensityPair:
    """Densities of one parameter: :math:`l` of the good trials and :math:`g` of the others."""

    good: Density | OptionProbabilities
    bad: Density | OptionProbabilities


class ClassicModel:
    """Proposes an assignment whose values each maximise :math:`l / g` of their own parameter.

    Parameters
    ----------
    gamma
        Of n trials, ``gamma sqrt(n)`` count as good; above 0 and at most 1.
    candidates
        Draws from l for each parameter.
    prior_weight
        Weight of the prior relative to one trial, above 0.
    liar
        Constant liar, as in NNI: the loss assumed for pending trials, taken from those that
        ended. None ignores pending trials, as hyperopt does.
    min_active
        As in NNI: trials in which a parameter must be active before it is modelled, and only
        these are split into good and others. 0, as in hyperopt, splits all trials together.
    """

    def __init__(
        self,
        axes: Axes,
        trials: Trials,
        *,
        gamma: float,
        candidates: int,
        prior_weight: float,
        liar: ConstantLiar | None = None,
        min_active: int = 0,
    ) -> None:
        self._axes = axes
        self._trials = trials
        self._gamma = gamma
        self._candidates = candidates
        self._prior_weight = prior_weight
        self._liar = liar
        self._min_active = min_active

    def propose(self, rng: np.random.Generator, proposed: Floats) -> Floats:
        """Propose one row of values; shape (1, d)."""
        modelled = self._modelled(self._observations(proposed))
        # A parameter without a model keeps these draws from the prior.
        points = self._axes.draw(rng, self._candidates)
        for column, pair in modelled.items():
            points[:, column] = pair.good.draw(rng, self._candidates)
        points, bins = self._axes.rounded(points)
        # Parameters are independent: the best value of each, not the best whole candidate.
        chosen = points[0]
        for column, pair in modelled.items():
            x, width = points[:, column], bins[:, column]
            chosen[column] = x[np.argmax(pair.good.log(x, width) - pair.bad.log(x, width))]
        return self._axes.values(chosen[None, :])

    def _modelled(self, observations: Observations) -> dict[int, DensityPair]:
        """Estimate the densities of every parameter that was active in enough trials."""
        good = best_trials(observations.losses, self._gamma)
        modelled = {}
        for column, values_seen in enumerate(observations.points.T):
            active = ~np.isnan(values_seen)
            if np.count_nonzero(active) >= max(self._min_active, 1):
                good_active = good
                if self._min_active:
                    good_active = np.zeros_like(good)
                    good_active[active] = best_trials(observations.losses[active], self._gamma)
                modelled[column] = DensityPair(
                    self._density(column, values_seen[active & good_active]),
                    self._density(column, values_seen[active & ~good_active]),
                )
        return modelled

    def _density(self, column: int, values_seen: Floats) -> Density | OptionProbabilities:
        if self._axes.is_number[column]:
            return density(values_seen, self._prior_weight)
        prior = self._axes.prior_of(column)
        counts = np.bincount(
            values_seen.astype(int), recency_weights(len(values_seen)), minlength=len(prior)
        )
        weights = counts + prior * len(prior) * self._prior_weight
        return OptionProbabilities(np.asarray(weights / weights.sum()))

    def _observations(self, proposed: Floats) -> Observations:
        """Collect trials that ended and, given a liar, pending ones with an assumed loss."""
        ended = np.sort(np.array(self._trials.ranking.trials, dtype=int))
        points, losses = self._trials.points(ended), self._trials.losses(ended)
        if self._liar is not None and len(losses):
            pending = self._trials.points(self._trials.pending)
            points = np.concatenate([points, pending, self._axes.points(proposed)])
            # Assuming a loss for pending trials keeps parallel suggestions apart.
            lies = np.full(len(points) - len(losses), _lie(losses, self._liar))
            losses = np.append(losses, lies)
        return Observations(points, losses)


def _lie(losses: Floats, liar: ConstantLiar) -> float:
    measured = losses[losses < math.inf]
    if not len(measured):
        return 0.0
    match liar:
        case "best":
            return float(measured.min())
        case "worst":
            return float(measured.max())
        case "mean":
            return float(measured.mean())

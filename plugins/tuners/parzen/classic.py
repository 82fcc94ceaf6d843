"""The classic models, which model each parameter separately, as Bergstra et al. [1]_ do.

For each parameter, a one-dimensional density :math:`l` is estimated from the good trials, and a
density :math:`g` from the other trials (eq. 2). Several values are drawn from :math:`l`. The value
with the highest :math:`l / g` is chosen, because it maximises the expected improvement (eq. 8).
The width of a kernel is the larger of the two gaps to its neighbours. This is the algorithm of
hyperopt, and the constants are those of hyperopt. The algorithm of NNI differs in details.
Decision 0008 compares the classic models with the joint model.

References
----------
.. [1] J. Bergstra, R. Bardenet, Y. Bengio, B. Kegl, "Algorithms for Hyper-Parameter
   Optimization", NeurIPS 2011.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..model_based.axes import Axes, Floats, Mask
from ..model_based.trials import Trials
from .mixture import truncated_normal

MOST_GOOD = 25
"""Largest number of good trials; ``gamma_cap`` in hyperopt."""
RECENT = 25
"""Number of most recent trials that have full weight; ``linear_forgetting`` in hyperopt."""
MAX_NARROWING = 100
"""Largest ratio of the width of the prior's kernel to the width of another kernel."""

ConstantLiar = Literal["best", "worst", "mean"]


@dataclass(frozen=True, slots=True)
class Density:
    """Mixture of k normal densities truncated to the unit interval. One of them is the prior."""

    centres: Floats
    widths: Floats
    weights: Floats

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Draw n points, shape (n,)."""
        cumulative = np.cumsum(self.weights)
        chosen = np.searchsorted(cumulative, rng.random(n) * cumulative[-1], side="right")
        return truncated_normal(rng.random(n), self.centres[chosen], self.widths[chosen])

    def log(self, points: Floats, bins: Floats) -> Floats:
        """Compute the logarithm of the density at each point.

        If a point has a bin, the result is the logarithm of the bin's probability instead. `bins`
        has the width of each point's bin, or 0 if the point has no bin.
        """
        # A parameter has a step or none, so usually all its points need the same of the two.
        if bins.all():
            terms = self._mass(points - bins / 2, points + bins / 2)
        elif not bins.any():
            terms = self._density(points)
        else:
            mass = self._mass(points - bins / 2, points + bins / 2)
            terms = np.where(bins[:, None] > 0, mass, self._density(points))
        # Kernels are truncated to the unit interval, so divide by their mass inside it.
        inside = self._mass(np.zeros(1), np.ones(1))
        total = (terms / inside) @ self.weights / self.weights.sum()
        return np.asarray(np.log(np.maximum(total, 1e-300)))

    def _density(self, points: Floats) -> Floats:
        z = (points[:, None] - self.centres) / self.widths
        return np.asarray(np.exp(-z * z / 2) / (self.widths * math.sqrt(2 * math.pi)))

    def _mass(self, left: Floats, right: Floats) -> Floats:
        return self._cumulated(np.minimum(right, 1)) - self._cumulated(np.maximum(left, 0))

    def _cumulated(self, points: Floats) -> Floats:
        from scipy.special import ndtr  # noqa: PLC0415 - slow to import, and only a model needs it

        return np.asarray(ndtr((points[:, None] - self.centres) / self.widths))


def density(points: Floats, prior_weight: float) -> Density:
    """Estimate a density from k points in chronological order, shape (k,).

    The kernel of the prior is at the middle of the axis and as wide as the axis. The width of any
    other kernel is the larger of the two gaps to its neighbours; the prior's centre also counts as
    a neighbour. If there is only one point, its kernel is half as wide as the axis.
    """
    k = len(points)
    # The prior is sorted with the points, so that it counts as their neighbour.
    centres = np.append(points, 0.5)
    order = np.argsort(centres, kind="stable")
    gaps = np.concatenate([[0.0], np.diff(centres[order]), [0.0]])
    widths = np.maximum(gaps[:-1], gaps[1:]) if k > 1 else np.full(k + 1, 0.5)
    # hyperopt's lower bound. It is larger for few points, because few points say little about
    # scale.
    widths = np.clip(widths, 1 / min(MAX_NARROWING, k + 2), 1)
    widths[order == k] = 1.0
    return Density(centres[order], widths, np.append(recency_weights(k), prior_weight)[order])


def recency_weights(k: int) -> Floats:
    """Return the weights of k trials in chronological order.

    The last 25 trials have the weight 1. The weights of the earlier trials rise from 1/k to 1.
    """
    old = max(k - RECENT, 0)
    return np.concatenate([np.linspace(1 / max(k, 1), 1, old), np.ones(k - old)])


@dataclass(frozen=True, slots=True)
class Observations:
    """Trials from which the densities are estimated, in chronological order."""

    points: Floats
    """Points of the n trials, shape (n, d)."""
    losses: Floats


def best_trials(losses: Floats, gamma: float) -> Mask:
    """Mark the best ``gamma sqrt(n)`` trials, rounded up, but at most 25.

    Failed trials are never marked.
    """
    count = min(math.ceil(gamma * math.sqrt(len(losses))), MOST_GOOD)
    good = np.zeros(len(losses), dtype=bool)
    # The sort is stable, so the earlier of two trials with equal losses counts as good.
    good[np.argsort(losses, kind="stable")[:count]] = True
    return good & (losses < math.inf)


@dataclass(frozen=True, slots=True)
class OptionProbabilities:
    """The probability of each option of a choice."""

    probabilities: Floats

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Draw the indices of n options, shape (n,)."""
        return rng.choice(len(self.probabilities), n, p=self.probabilities).astype(float)

    def log(self, points: Floats, _bins: Floats) -> Floats:
        """Compute the log-probabilities of options."""
        return np.asarray(np.log(self.probabilities[points.astype(int)]))


@dataclass(frozen=True, slots=True)
class DensityPair:
    """Two densities of one parameter: :math:`l` of good trials and :math:`g` of other trials."""

    good: Density | OptionProbabilities
    bad: Density | OptionProbabilities


class ClassicModel:
    """Proposes an assignment in which each value maximises :math:`l / g` of its parameter.

    Parameters
    ----------
    gamma
        Factor above 0 and at most 1: of n trials, the best ``gamma sqrt(n)`` count as good.
    candidates
        Number of draws from l for each parameter.
    prior_weight
        Weight of the prior relative to one trial, above 0.
    liar
        Constant liar, as in NNI: the loss that is assumed for pending trials, which is the best,
        worst or mean loss of the trials that have ended. None ignores pending trials, as
        hyperopt does.
    min_active
        Number of trials in which a parameter must be active before it is modelled, as in NNI.
        Only these trials are then split into good and other trials. With 0, all trials are
        split together, as in hyperopt.
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
        # Parameters are independent, so choose the best value of each parameter, which may
        # come from different candidates.
        chosen = points[0]
        for column, pair in modelled.items():
            x, width = points[:, column], bins[:, column]
            chosen[column] = x[np.argmax(pair.good.log(x, width) - pair.bad.log(x, width))]
        return self._axes.values(chosen[None, :])

    def _modelled(self, observations: Observations) -> dict[int, DensityPair]:
        """Estimate the densities of each parameter that was active in enough trials."""
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
        """Collect the trials that have ended.

        If the model has a liar, the pending trials are added with an assumed loss.
        """
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

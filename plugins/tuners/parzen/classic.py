r"""The classic models: every parameter on its own, as Bergstra et al. [1]_ first had it.

Of each parameter one-dimensional densities l and g are made of the good trials and of the
others (eq. 2), and of some draws from l the one of the highest l / g is taken (eq. 8), whatever
the other parameters are. A kernel is as wide as the larger gap to its neighbours. This is the
algorithm of hyperopt, and with small changes that of NNI.

References
----------
.. [1] J. Bergstra, R. Bardenet, Y. Bengio, B. Kegl, "Algorithms for Hyper-Parameter
   Optimization", NeurIPS 2011.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtr

from .axes import Axes, Floats, Mask
from .mixture import truncated_normal
from .trials import Trials

MOST_GOOD = 25
"""Trials of the good side, at most."""
REMEMBERED = 25
"""Trials that count in full; older ones fade linearly."""
MOST_NARROW = 100
"""How many times narrower than the prior a kernel can be."""

Liar = Literal["best", "worst", "mean"]


@dataclass(frozen=True, slots=True)
class Density:
    """A mixture of k normal densities truncated to the unit interval, the prior among them."""

    centres: Floats
    widths: Floats
    weights: Floats

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Draw n points, shape (n,)."""
        chosen = rng.choice(len(self.weights), n, p=self.weights / self.weights.sum())
        return truncated_normal(rng.random(n), self.centres[chosen], self.widths[chosen])

    def log(self, points: Floats, bins: Floats) -> Floats:
        """Compute log-densities of points, for those with a bin its log-probability."""
        low, high = self._cumulated(np.zeros(1)), self._cumulated(np.ones(1))
        z = (points[:, None] - self.centres) / self.widths
        density = np.exp(-z * z / 2) / (self.widths * math.sqrt(2 * math.pi))
        below, above = points - bins / 2, points + bins / 2
        mass = self._cumulated(np.minimum(above, 1)) - self._cumulated(np.maximum(below, 0))
        terms = np.where(bins[:, None] > 0, mass, density) / (high - low)
        return np.asarray(np.log(np.maximum(terms @ self.weights / self.weights.sum(), 1e-300)))

    def _cumulated(self, points: Floats) -> Floats:
        return np.asarray(ndtr((points[:, None] - self.centres) / self.widths))


def density(centres: Floats, prior_weight: float) -> Density:
    """Estimate a density from points in the order of time, shape (k,)."""
    k = len(centres)
    order = np.argsort(np.append(centres, 0.5), kind="stable")
    sorted_ = np.append(centres, 0.5)[order]
    gaps = np.diff(sorted_)
    widths = np.maximum(np.append(gaps[:1], gaps), np.append(gaps, gaps[-1:])) if k else np.ones(1)
    if k == 1:
        widths = np.full(2, 0.5)
    widths = np.clip(widths, 1 / min(MOST_NARROW, k + 2), 1)
    widths[order == k] = 1.0
    return Density(sorted_, widths, np.append(forgetting(k), prior_weight)[order])


def forgetting(k: int) -> Floats:
    """Weigh k trials in the order of time: the last 25 by 1, those before rising from 1/k."""
    old = max(k - REMEMBERED, 0)
    return np.concatenate([np.linspace(1 / max(k, 1), 1, old), np.ones(k - old)])


@dataclass(frozen=True, slots=True)
class History:
    """Trials that count, in the order of time."""

    points: Floats
    """Shape (n, d)."""
    bins: Floats
    losses: Floats

    def good(self, gamma: float) -> Mask:
        """Tell which trials are the best ``gamma sqrt(n)``, 25 at most."""
        count = min(math.ceil(gamma * math.sqrt(len(self.losses))), MOST_GOOD)
        good = np.zeros(len(self.losses), dtype=bool)
        good[np.argsort(self.losses, kind="stable")[:count]] = True
        return good & (self.losses < math.inf)

    def where(self, kept: Mask) -> "History":
        """Leave trials out."""
        return History(self.points[kept], self.bins[kept], self.losses[kept])


class ClassicModel:
    """Proposes the assignment whose every value is the most promising by itself.

    Parameters
    ----------
    gamma
        Of n trials, ``gamma sqrt(n)`` count as good; above 0 and at most 1.
    candidates
        Values of each parameter that are drawn from l.
    prior_weight
        Weight of the prior, in trials, above 0.
    liar
        As good as which of the trials that ended pending ones are taken to be, as NNI has it;
        None leaves them out, as hyperopt does.
    warm_up
        Trials in which a parameter has to be active before it has a model, of which then these
        alone are split, as NNI has it; 0 for one split of all trials, as hyperopt has it.
    """

    def __init__(
        self,
        axes: Axes,
        trials: Trials,
        *,
        gamma: float,
        candidates: int,
        prior_weight: float,
        liar: Liar | None = None,
        warm_up: int = 0,
    ) -> None:
        self._axes = axes
        self._trials = trials
        self._gamma = gamma
        self._candidates = candidates
        self._prior_weight = prior_weight
        self._liar = liar
        self._warm_up = warm_up

    def propose(self, rng: np.random.Generator, ahead: Floats) -> Floats:
        """Propose one row of values; shape (1, d)."""
        history = self._history(ahead)
        good = history.good(self._gamma)
        points = self._axes.draw(rng, 1)
        for column in range(len(self._axes)):
            active = ~np.isnan(history.points[:, column])
            seen = history.where(active)
            if len(seen.losses) >= max(self._warm_up, 1):
                split = seen.good(self._gamma) if self._warm_up else good[active]
                choose = self._number if self._axes.is_number[column] else self._option
                points[0, column] = choose(column, seen.points[:, column], split, rng)
        return self._axes.values(points)

    def _history(self, ahead: Floats) -> History:
        ended = np.sort(np.array(self._trials.ranking.trials, dtype=int))
        losses = self._trials.losses(ended)
        points, bins = self._trials.points(ended), self._trials.bins(ended)
        if self._liar is None or not len(losses):
            return History(points, bins, losses)
        pending = self._trials.pending
        points = np.concatenate([points, self._trials.points(pending), self._axes.points(ahead)])
        bins = np.concatenate([bins, self._trials.bins(pending), self._axes.bins(ahead)])
        lies = np.full(len(points) - len(losses), _lie(losses, self._liar))
        return History(points, bins, np.append(losses, lies))

    def _number(self, column: int, seen: Floats, good: Mask, rng: np.random.Generator) -> float:
        below = density(seen[good], self._prior_weight)
        above = density(seen[~good], self._prior_weight)
        drawn, bins = self._axes.rounded(column, below.draw(rng, self._candidates))
        return float(drawn[np.argmax(below.log(drawn, bins) - above.log(drawn, bins))])

    def _option(self, column: int, seen: Floats, good: Mask, rng: np.random.Generator) -> float:
        below, above = (self._chances(column, seen[side]) for side in (good, ~good))
        drawn = rng.choice(len(below), self._candidates, p=below)
        return float(drawn[np.argmax(below[drawn] / above[drawn])])

    def _chances(self, column: int, seen: Floats) -> Floats:
        """Estimate the probabilities of options from trials in the order of time."""
        prior = self._axes.prior_of(column)
        weights = forgetting(len(seen))
        seen_so_far = np.bincount(seen.astype(int), weights, minlength=len(prior))
        counts = seen_so_far + prior * len(prior) * self._prior_weight
        return np.asarray(counts / counts.sum())


def _lie(losses: Floats, liar: Liar) -> float:
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

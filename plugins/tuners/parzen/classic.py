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
        reached = np.cumsum(self.weights)
        chosen = np.searchsorted(reached, rng.random(n) * reached[-1], side="right")
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
        from scipy.special import ndtr  # noqa: PLC0415 - slow to import, and only a model needs it

        return np.asarray(ndtr((points[:, None] - self.centres) / self.widths))


def density(points: Floats, prior_weight: float) -> Density:
    """Estimate a density from points in the order of time, shape (k,).

    The prior is a kernel in the middle, as wide as the axis. The others are as wide as the
    larger gap to a neighbour, the prior's centre being one, but a single one half as the axis.
    """
    k = len(points)
    centres = np.append(points, 0.5)
    order = np.argsort(centres, kind="stable")
    gaps = np.concatenate([[0.0], np.diff(centres[order]), [0.0]])
    widths = np.maximum(gaps[:-1], gaps[1:]) if k > 1 else np.full(k + 1, 0.5)
    widths = np.clip(widths, 1 / min(MOST_NARROW, k + 2), 1)
    widths[order == k] = 1.0
    return Density(centres[order], widths, np.append(recency_weights(k), prior_weight)[order])


def recency_weights(k: int) -> Floats:
    """Weigh k trials in the order of time: the last 25 by 1, those before rising from 1/k."""
    old = max(k - REMEMBERED, 0)
    return np.concatenate([np.linspace(1 / max(k, 1), 1, old), np.ones(k - old)])


@dataclass(frozen=True, slots=True)
class History:
    """Trials that count, in the order of time."""

    points: Floats
    """Shape (n, d)."""
    losses: Floats


def good_of(losses: Floats, gamma: float) -> Mask:
    """Tell which trials are the best ``gamma sqrt(n)``, 25 at most and none that failed."""
    count = min(math.ceil(gamma * math.sqrt(len(losses))), MOST_GOOD)
    good = np.zeros(len(losses), dtype=bool)
    good[np.argsort(losses, kind="stable")[:count]] = True
    return good & (losses < math.inf)


@dataclass(frozen=True, slots=True)
class Options:
    """Probabilities of a choice's options."""

    chances: Floats

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Draw n options by index, shape (n,)."""
        return rng.choice(len(self.chances), n, p=self.chances).astype(float)

    def log(self, points: Floats, _bins: Floats) -> Floats:
        """Compute log-probabilities of options."""
        return np.asarray(np.log(self.chances[points.astype(int)]))


@dataclass(frozen=True, slots=True)
class Sides:
    """What one parameter's values are like in good trials, and in the others."""

    below: Density | Options
    above: Density | Options


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
        modelled = self._modelled(self._history(ahead))
        points = self._axes.draw(rng, self._candidates)
        for column, sides in modelled.items():
            points[:, column] = sides.below.draw(rng, self._candidates)
        points, bins = self._axes.rounded(points)
        chosen = points[0]
        for column, sides in modelled.items():
            x, width = points[:, column], bins[:, column]
            chosen[column] = x[np.argmax(sides.below.log(x, width) - sides.above.log(x, width))]
        return self._axes.values(chosen[None, :])

    def _modelled(self, history: History) -> dict[int, Sides]:
        """Model every parameter that was active in enough trials."""
        good = good_of(history.losses, self._gamma)
        modelled = {}
        for column, seen in enumerate(history.points.T):
            active = ~np.isnan(seen)
            if np.count_nonzero(active) >= max(self._warm_up, 1):
                split = good
                if self._warm_up:
                    split = np.zeros_like(good)
                    split[active] = good_of(history.losses[active], self._gamma)
                below, above = seen[active & split], seen[active & ~split]
                modelled[column] = Sides(self._side(column, below), self._side(column, above))
        return modelled

    def _side(self, column: int, seen: Floats) -> Density | Options:
        if self._axes.is_number[column]:
            return density(seen, self._prior_weight)
        prior = self._axes.prior_of(column)
        counts = np.bincount(seen.astype(int), recency_weights(len(seen)), minlength=len(prior))
        weights = counts + prior * len(prior) * self._prior_weight
        return Options(np.asarray(weights / weights.sum()))

    def _history(self, ahead: Floats) -> History:
        """Collect the trials that ended, and pending ones with what is told of them."""
        ended = np.sort(np.array(self._trials.ranking.trials, dtype=int))
        points, losses = self._trials.points(ended), self._trials.losses(ended)
        if self._liar is not None and len(losses):
            pending = self._trials.points(self._trials.pending)
            points = np.concatenate([points, pending, self._axes.points(ahead)])
            lies = np.full(len(points) - len(losses), _lie(losses, self._liar))
            losses = np.append(losses, lies)
        return History(points, losses)


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

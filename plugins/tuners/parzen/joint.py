r"""The joint model: whole assignments, compared under what was good and what was not.

Bergstra et al. [1]_ split trials by a quantile of their losses and rate assignments by
:math:`l(x) / g(x)`, the ratio of the densities of the two sides (eq. 8). Here both are
mixtures over whole assignments, as in Watanabe's study [2]_, with one width that shrinks as
trials come in, since with few kernels in many dimensions a gap between neighbours in one
coordinate tells nothing about the distance between trials.

References
----------
.. [1] J. Bergstra, R. Bardenet, Y. Bengio, B. Kegl, "Algorithms for Hyper-Parameter
   Optimization", NeurIPS 2011.
.. [2] S. Watanabe, "Tree-Structured Parzen Estimator: Understanding Its Algorithm Components
   and Their Roles for Better Empirical Performance", 2023, arXiv:2304.11127.
"""

import math
from dataclasses import dataclass

import numpy as np

from .axes import Axes, Floats
from .mixture import Mixture, draw, log_densities
from .ranking import Ranking
from .selector import draw_branch
from .trials import Trials

MOST_GOOD = 25
"""Kernels of the good side, at most."""
NEAREST, SAMPLED = 100, 100
"""Kernels of the other side, at most: of the best of them, and drawn from the rest."""
FIRST_WIDTH, LEAST_WIDTH = 0.5, 0.03
"""Width of a kernel at the first trial and at the end, in the unit interval."""
SHRINKAGE = 0.07
r"""Speed :math:`\kappa` at which widths shrink: after n trials by :math:`1 + \kappa n`."""
FIRST_STEP, STEP_SHRINKAGE = 0.5, 0.05
"""Standard deviation of a number's step in a variant, and the speed at which it shrinks."""
PENDING_WIDTH = 0.3
"""Width of a pending trial's kernel beside others: its place is taken, but not known to be bad."""
HALF_SPEED = 24
"""Trials running side by side that make widths and steps shrink half as fast."""
LOOSE, MOST_LOOSE = 0.5, 0.9
r"""Probability that a kernel draws a choice from the prior: of one kernel, falling by
:math:`1 / \sqrt k`; and at most."""
VARIANTS = 16
"""Variants of good trials that are rated beside the draws."""
MOVED, SWITCHED = 0.5, 0.15
"""Probability that a variant changes a number, and that it draws a choice again."""
LEAST_STEP = 0.7
"""Standard deviation of a number's step in a variant, at least, in bins of its value."""
BRANCH_FIRST = 0.5
"""How often the branch is chosen before the model is fitted, in it alone."""


@dataclass(frozen=True, slots=True)
class BadTrials:
    """Trials of the side that is not good, and how many each of them stands for."""

    trials: list[int]
    weights: Floats


class JointModel:
    """Proposes assignments that are likely where trials were good and unlikely elsewhere.

    Parameters
    ----------
    gamma
        Share of the trials that count as good, above 0 and at most 1.
    candidates
        Draws from the good side that are rated, at least 1.
    prior_weight
        Weight of the prior on the good side, as a multiple of all its trials together, above 0.
    """

    def __init__(
        self,
        axes: Axes,
        trials: Trials,
        *,
        gamma: float,
        candidates: int,
        prior_weight: float,
    ) -> None:
        self._axes = axes
        self._trials = trials
        self._gamma = gamma
        self._candidates = candidates
        self._prior_weight = prior_weight

    def propose(self, rng: np.random.Generator, ahead: Floats) -> Floats:
        """Propose rows of values, best first; shape (m, d).

        Parameters
        ----------
        ahead : ndarray, shape (j, d)
            Values that will be pending beside the trials that are.
        """
        branch = self._draw_branch(rng)
        ranking = self._ranking(branch)
        good = self._good(ranking)
        running = len(self._trials.pending) + len(ahead)
        turns = _turns(len(self._trials.ranking), running)
        width = max(FIRST_WIDTH / (1 + SHRINKAGE * turns), LEAST_WIDTH)
        below = self._below(good, width)
        above = self._above(_others(ranking, len(good), rng), branch, ahead, width)
        points = draw(self._axes, below, rng, self._candidates)
        if good:
            step = FIRST_STEP / (1 + STEP_SHRINKAGE * _turns(len(ranking), running))
            points = np.concatenate([points, self._variants(good, step, rng)])
        if branch is not None:
            points[:, self._trials.selector] = branch
        return self._rated(points, below, above)

    def _draw_branch(self, rng: np.random.Generator) -> int | None:
        """Choose a branch to search in, or None to let the model choose."""
        if self._trials.selector is None or rng.random() >= BRANCH_FIRST:
            return None
        return draw_branch(self._trials, self._axes, rng)

    def _ranking(self, branch: int | None) -> Ranking:
        if branch is None:
            return self._trials.ranking
        return self._trials.branches.get(branch, Ranking())

    def _rated(self, points: Floats, below: Mixture, above: Mixture) -> Floats:
        """Make values of candidates and sort them by l / g, shape (m, d)."""
        values = self._axes.values(points)
        points = self._axes.points(values)
        good, bad = log_densities(self._axes, points, below, above)
        return values[np.argsort(bad - good, kind="stable")]

    def _good(self, ranking: Ranking) -> list[int]:
        """Return the trials of the good side, best first; none of those that failed."""
        measured = ranking.better_than(math.inf)
        count = math.ceil(self._gamma * len(ranking)) if len(ranking) > 1 else 0
        return ranking.trials[: min(MOST_GOOD, count, measured)]

    def _below(self, good: list[int], width: float) -> Mixture:
        r"""Build l of k trials, with weights as :math:`\log(k + 1/2) - \log i` by rank i."""
        k = len(good)
        weights = np.log(k + 0.5) - np.log(np.arange(1, k + 1))
        weights = np.append(weights, self._prior_weight * weights.sum() if k else 1.0)
        width = max(width, 1 / (k + 1) ** 2)
        return _mixture(self._trials.points(good), self._trials.bins(good), weights, width)

    def _above(
        self, others: BadTrials, branch: int | None, ahead: Floats, width: float
    ) -> Mixture:
        """Build g of the other side's trials and of those that are pending."""
        trials = [*others.trials, *self._pending(branch)]
        centres, bins = self._trials.points(trials), self._trials.bins(trials)
        if len(ahead):
            coming, inside = self._axes.points(ahead), slice(None)
            if branch is not None:
                inside = coming[:, self._trials.selector] == branch
            centres = np.concatenate([centres, coming[inside]])
            bins = np.concatenate([bins, self._axes.bins(ahead)[inside]])
        running = len(centres) - len(others.trials)
        weights = np.append(others.weights, np.ones(running + 1))
        relative = np.repeat([1.0, PENDING_WIDTH], [len(others.trials), running])
        return _mixture(centres, bins, weights, width * relative[:, None])

    def _pending(self, branch: int | None) -> list[int]:
        """Return the trials of a branch that have not ended, or all of them."""
        pending = list(self._trials.pending)
        if branch is None or not pending:
            return pending
        return [pending[i] for i in np.flatnonzero(self._trials.options(pending) == branch)]

    def _variants(self, good: list[int], step: float, rng: np.random.Generator) -> Floats:
        """Vary good trials, each half as often as the one before it; shape (VARIANTS, d)."""
        chosen = np.minimum(rng.geometric(0.5, VARIANTS) - 1, len(good) - 1)
        base = self._trials.points(good)[chosen]
        bins = self._trials.bins(good)[chosen]
        steps = np.maximum(step, LEAST_STEP * bins)
        moved = rng.random(base.shape) < MOVED
        moved[np.arange(VARIANTS), rng.integers(0, len(self._axes), VARIANTS)] = True
        numbers = _reflected(base + steps * rng.standard_normal(base.shape))
        points = np.where(moved & self._axes.is_number, numbers, base)
        fresh = ~self._axes.is_number & (rng.random(base.shape) < SWITCHED)
        return np.where(fresh | np.isnan(base), self._axes.draw(rng, VARIANTS), points)


def _turns(ended: int, running: int) -> float:
    """Count how often there was something to learn from, as if trials ran one at a time."""
    return ended / (1 + running / HALF_SPEED)


def _mixture(centres: Floats, bins: Floats, weights: Floats, widths: float | Floats) -> Mixture:
    k = len(centres)
    # A value is its whole bin: narrower kernels would tell it from itself.
    widths = np.clip(bins, widths, 1.0)
    return Mixture(centres, widths, weights, min(MOST_LOOSE, LOOSE / math.sqrt(max(k, 1))))


def _others(ranking: Ranking, first: int, rng: np.random.Generator) -> BadTrials:
    """Choose trials to stand for those from some rank on: the nearest, and some of the rest."""
    trials = ranking.trials
    sampled = first + NEAREST
    rest = len(trials) - sampled
    if rest <= SAMPLED:
        return BadTrials(trials[first:], np.ones(len(trials) - first))
    drawn = sampled + rng.choice(rest, SAMPLED, replace=False)
    weights = np.repeat([1.0, rest / SAMPLED], [NEAREST, SAMPLED])
    return BadTrials([*trials[first:sampled], *(trials[rank] for rank in drawn)], weights)


def _reflected(points: Floats) -> Floats:
    """Bring points back into the unit interval that are less than 1 outside."""
    inside = np.abs(points)
    return np.clip(np.where(inside > 1, 2 - inside, inside), 0, 1)

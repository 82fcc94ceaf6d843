"""The joint model: rates whole assignments by a ratio of two densities.

Bergstra et al. [1]_ split the trials at a quantile of their losses and rate an assignment by
:math:`l(x) / g(x)`, the density of the good trials divided by that of the other trials (eq. 8).
Here both densities are mixtures over whole assignments ("multivariate" kernels in Watanabe's
study [2]_). All kernels share one width, which shrinks as the number of trials grows. Gaps between
neighbours do not determine widths, because with few kernels in many dimensions, the gap in one
coordinate says nothing about the distance between trials.

Unless a comment names another source, the constants below were chosen by experiment on 29
development problems that no benchmark reports; ``docs/decisions/0008`` has the measurements.

References
----------
.. [1] J. Bergstra, R. Bardenet, Y. Bengio, B. Kegl, "Algorithms for Hyper-Parameter
   Optimization", NeurIPS 2011.
.. [2] S. Watanabe, "Tree-Structured Parzen Estimator: Understanding Its Algorithm Components
   and Their Roles for Better Empirical Performance", 2023, arXiv:2304.11127.
.. [3] N. Hansen, "The CMA Evolution Strategy: A Tutorial", 2016, arXiv:1604.00772.
"""

import math
from dataclasses import dataclass

import numpy as np

from ..model_based.axes import Axes, Floats
from ..model_based.selector import draw_branch
from ..model_based.trials import Ranking, Trials
from ..model_based.variants import draw_variants
from .mixture import Mixture, draw, log_densities

MOST_GOOD = 25
"""Largest number of good trials, as in hyperopt. Decision 0008 has the cost of this limit under
noise."""
BEST_BAD, SAMPLED_BAD = 100, 100
"""Largest numbers of kernels of trials that are not good: for the best of these trials, and for a
random sample of the rest. These limits bound the time of a suggestion, whatever the number of
trials is."""
FIRST_WIDTH, LEAST_WIDTH = 0.5, 0.03
"""Width of a kernel before the first trial, and the width that it approaches after many trials, as
shares of the axis."""
SHRINKAGE = 0.07
r"""Speed :math:`\kappa` at which widths shrink: after n trials, they are divided by :math:`1 +
\kappa n`. Values from 0.05 to 0.15 make no measurable difference (decision 0008)."""
FIRST_STEP, STEP_SHRINKAGE = 0.5, 0.05
"""Standard deviation of the first steps from a good trial to its variants, as a share of the axis,
and the speed at which steps shrink."""
PENDING_WIDTH = 0.3
"""Width of a pending trial's kernel, relative to other kernels. The assignment of a pending trial
is taken, but not known to be bad, so the kernel must not repel candidates from the surroundings
(decision 0008, last paragraph)."""
HALF_SPEED_TRIALS = 24
"""Number of running trials at which widths and steps shrink at half speed (decision 0008)."""
PRIOR_SHARE, MOST_PRIOR_SHARE = 0.5, 0.9
r"""Probability that a kernel redraws a choice from the prior. The first value is the probability
for one kernel. For k kernels, the first value is divided by :math:`\sqrt k`. The second value is
the upper limit."""
VARIANTS = 16
"""Number of variants of good trials that are rated in addition to the draws."""
MOVE_PROBABILITY, REDRAW_PROBABILITY = 0.5, 0.15
"""Probabilities that a variant moves a numeric parameter, and that it redraws a choice."""
BRANCH_FIRST_PROBABILITY = 0.5
"""Probability that the option of the selector is drawn before the densities are estimated. The
densities then use only the trials of this branch. The probabilities 0 and 1 are both worse on some
problems (decision 0008)."""


@dataclass(frozen=True, slots=True)
class BadTrials:
    """A sample of the trials that are not good.

    The weight of a trial is the number of trials that it represents.
    """

    trials: list[int]
    weights: Floats


class JointModel:
    """Proposes assignments that are likely among good trials and unlikely among other trials.

    Parameters
    ----------
    gamma
        Share of the trials that count as good, above 0 and at most 1.
    candidates
        Number of draws from the good density that are rated, at least 1.
    prior_weight
        Weight of the prior in the good density, above 0, relative to the total weight of the
        good trials.
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

    def propose(self, rng: np.random.Generator, proposed: Floats) -> Floats:
        """Propose rows of values, best first; shape (m, d).

        Parameters
        ----------
        proposed : ndarray, shape (j, d)
            Values that the same ``ask`` has already proposed, which count as pending trials.
        """
        branch = self._draw_branch(rng)
        ranking = self._ranking(branch)
        good = self._good_trials(ranking)
        running = len(self._trials.pending) + len(proposed)
        width = self._width(running)
        good_density = self._good_density(good, width)
        bad_density = self._bad_density(
            _bad_trials(ranking, len(good), rng), branch, proposed, width
        )
        points = draw(self._axes, good_density, rng, self._candidates)
        if good:
            step = FIRST_STEP / (
                1 + STEP_SHRINKAGE * _sequential_equivalent(len(ranking), running)
            )
            points = np.concatenate([points, self._variants(good, step, rng)])
        if branch is not None:
            points[:, self._trials.selector] = branch
        return self._sorted_by_ratio(points, good_density, bad_density)

    def draw_good(self, rng: np.random.Generator, n: int) -> Floats:
        """Draw n points from the density of the good trials; shape (n, d).

        The points have a coordinate for each parameter, active or not.
        """
        good = self._good_trials(self._trials.ranking)
        width = self._width(len(self._trials.pending))
        return draw(self._axes, self._good_density(good, width), rng, n)

    def _draw_branch(self, rng: np.random.Generator) -> int | None:
        """Draw the branch to search in, or return None to search in all branches."""
        if self._trials.selector is None or rng.random() >= BRANCH_FIRST_PROBABILITY:
            return None
        return draw_branch(self._trials, self._axes, rng)

    def _ranking(self, branch: int | None) -> Ranking:
        if branch is None:
            return self._trials.ranking
        return self._trials.branches.get(branch, Ranking())

    def _sorted_by_ratio(
        self, points: Floats, good_density: Mixture, bad_density: Mixture
    ) -> Floats:
        """Round candidates to values and sort them by l / g, in descending order; shape (m, d)."""
        # Round first: all points of a bin are the same value, and must have the same ratio.
        values = self._axes.values(points)
        points = self._axes.points(values)
        good, bad = log_densities(self._axes, points, good_density, bad_density)
        return values[np.argsort(bad - good, kind="stable")]

    def _width(self, running: int) -> float:
        """Return the width of the kernels while `running` trials run."""
        equivalent = _sequential_equivalent(len(self._trials.ranking), running)
        return max(FIRST_WIDTH / (1 + SHRINKAGE * equivalent), LEAST_WIDTH)

    def _good_trials(self, ranking: Ranking) -> list[int]:
        """Return the good trials, best first. Failed trials are never good."""
        # Failed trials have an infinite loss.
        measured = ranking.better_than(math.inf)
        # A single trial is neither good nor bad, since there is nothing to compare it with.
        count = math.ceil(self._gamma * len(ranking)) if len(ranking) > 1 else 0
        return ranking.trials[: min(MOST_GOOD, count, measured)].tolist()

    def _good_density(self, good: list[int], width: float) -> Mixture:
        r"""Estimate l from the good trials.

        Of k trials, the i-th best has the weight :math:`\log(k + 1/2) - \log i`. The weights have
        the form of CMA-ES's recombination weights ([3]_, eq. 49, for k parents).
        """
        k = len(good)
        weights = np.log(k + 0.5) - np.log(np.arange(1, k + 1))
        weights = np.append(weights, self._prior_weight * weights.sum() if k else 1.0)
        # The width shrinks with the number of all trials. In a new branch, or when most trials
        # failed, few trials are good, and the following bound keeps l broad. The bound is 1/4 for
        # one good trial and 1/9 for two good trials. From five good trials on, it is below
        # LEAST_WIDTH and has no effect.
        width = max(width, 1 / (k + 1) ** 2)
        return _mixture(self._trials.points(good), self._trials.bins(good), weights, width)

    def _bad_density(
        self, bad: BadTrials, branch: int | None, proposed: Floats, width: float
    ) -> Mixture:
        """Estimate g from the trials that are not good and from the pending trials."""
        trials = [*bad.trials, *self._pending(branch)]
        centres, bins = self._trials.points(trials), self._trials.bins(trials)
        if len(proposed):
            proposed_points, in_branch = self._axes.points(proposed), slice(None)
            if branch is not None:
                in_branch = proposed_points[:, self._trials.selector] == branch
            centres = np.concatenate([centres, proposed_points[in_branch]])
            bins = np.concatenate([bins, self._axes.bins(proposed)[in_branch]])
        running = len(centres) - len(bad.trials)
        weights = np.append(bad.weights, np.ones(running + 1))
        # A pending trial weighs as much as a bad one, but has a narrower kernel.
        relative = np.repeat([1.0, PENDING_WIDTH], [len(bad.trials), running])
        return _mixture(centres, bins, weights, width * relative[:, None])

    def _pending(self, branch: int | None) -> list[int]:
        """Return the pending trials of a branch, or all pending trials if `branch` is None."""
        pending = list(self._trials.pending)
        if branch is None or not pending:
            return pending
        return [pending[i] for i in np.flatnonzero(self._trials.options(pending) == branch)]

    def _variants(self, good: list[int], step: float, rng: np.random.Generator) -> Floats:
        """Return variants of good trials, shape (VARIANTS, d).

        Each good trial is varied half as often as the next better trial.
        """
        # Ranks are geometric: the best trial is chosen half of the time, the second best a
        # quarter of the time, and so on.
        chosen = np.minimum(rng.geometric(0.5, VARIANTS) - 1, len(good) - 1)
        base = self._trials.points(good)[chosen]
        bins = self._trials.bins(good)[chosen]
        return draw_variants(
            self._axes,
            base,
            bins,
            rng,
            step=step,
            move=MOVE_PROBABILITY,
            redraw=REDRAW_PROBABILITY,
        )


def _sequential_equivalent(ended: int, running: int) -> float:
    """Return the number of sequential trials that are as informative as `ended` parallel trials.

    `running` is the number of trials that run side by side and do not learn from each other.
    """
    return ended / (1 + running / HALF_SPEED_TRIALS)


def _mixture(centres: Floats, bins: Floats, weights: Floats, widths: float | Floats) -> Mixture:
    k = len(centres)
    # Values in one bin are the same value, so no kernel may be narrower than the bin.
    widths = np.clip(bins, widths, 1.0)
    return Mixture(
        centres, widths, weights, min(MOST_PRIOR_SHARE, PRIOR_SHARE / math.sqrt(max(k, 1)))
    )


def _bad_trials(ranking: Ranking, first: int, rng: np.random.Generator) -> BadTrials:
    """Choose trials that represent all trials from rank `first` on.

    They are the best of these trials, and a random sample of the remaining trials.
    """
    trials = ranking.trials
    sampled = first + BEST_BAD
    rest = len(trials) - sampled
    if rest <= SAMPLED_BAD:
        return BadTrials(trials[first:].tolist(), np.ones(len(trials) - first))
    drawn = sampled + rng.choice(rest, SAMPLED_BAD, replace=False)
    weights = np.repeat([1.0, rest / SAMPLED_BAD], [BEST_BAD, SAMPLED_BAD])
    return BadTrials([*trials[first:sampled], *(trials[rank] for rank in drawn)], weights)

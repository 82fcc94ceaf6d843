"""Candidates that the acquisition rates: from everywhere, around good trials, and among them."""

import math

import numpy as np

from sweepwright.space import SearchSpace

from ..model_based.axes import Axes, Floats, Mask, reflected
from ..model_based.trials import Trials
from ..model_based.variants import LEAST_STEP
from ..parzen.joint import JointModel

UNIFORM, LOCAL, PARZEN = 150, 64, 32
"""Numbers of draws from the prior, of variants of good trials, and of draws from the density of
good trials that `tpe` uses. Decision 0023 has the measurements."""
RANK_PROBABILITY = 0.3
"""Parameter of the geometric distribution of the rank of the trial that is varied."""
SMALLEST_STEP, LARGEST_STEP = 10**-2.5, 10**-0.3
"""Range of the standard deviation of a step, as a share of the axis; its logarithm is uniform."""
FEW_MOVED = 1.5
"""Mean number of moved numbers in half of the variants. The others move half of the numbers."""
REDRAW_PROBABILITY = 0.15
"""Probability that a variant redraws a choice."""
MOST_FACTOR = 16
"""Largest factor by which more draws from the prior are made in a space with constraints."""


class Candidates:
    """Draws assignments for the acquisition to choose from."""

    def __init__(self, space: SearchSpace, axes: Axes, trials: Trials, parzen: JointModel) -> None:
        self._space = space
        self._axes = axes
        self._trials = trials
        self._parzen = parzen
        # Constraints reject most of the draws. More draws leave about as many as are wanted.
        share = space.share if space.constraints else 1.0
        self._factor = min(1 / max(share, 1e-3), MOST_FACTOR)

    def draw(self, rng: np.random.Generator) -> Floats:
        """Draw rows of values that satisfy the constraints; shape (m, d), where m may be 0."""
        points = np.concatenate(
            [
                self._axes.draw(rng, round(UNIFORM * self._factor)),
                self._variants(rng),
                self._parzen.draw_good(rng, PARZEN),
            ]
        )
        values = self._axes.values(points)
        return values[self._space.feasible(values)] if self._space.constraints else values

    def _variants(self, rng: np.random.Generator) -> Floats:
        """Vary good trials: move some of their numbers, and redraw some of their choices."""
        ranking = self._trials.ranking.trials
        ranks = np.minimum(rng.geometric(RANK_PROBABILITY, LOCAL) - 1, len(ranking) - 1)
        places = [ranking[rank] for rank in ranks.tolist()]
        base, bins = self._trials.points(places), self._trials.bins(places)
        steps = np.exp(rng.uniform(math.log(SMALLEST_STEP), math.log(LARGEST_STEP), (LOCAL, 1)))
        steps = np.maximum(steps, LEAST_STEP * bins)
        changed = self._changed(rng, ~np.isnan(base))
        numbers = reflected(base + steps * rng.standard_normal(base.shape))
        points = np.where(changed & self._axes.is_number, numbers, base)
        # An inactive coordinate of the base has no value, but a redrawn choice may activate it.
        redrawn = (changed & ~self._axes.is_number) | np.isnan(base)
        return np.where(redrawn, self._axes.draw(rng, LOCAL), points)

    def _changed(self, rng: np.random.Generator, active: Mask) -> Mask:
        """Draw a mask of the coordinates that variants change, at least one active each."""
        few = np.minimum(FEW_MOVED / active.sum(axis=1), 1.0)
        moved = np.where(rng.random(LOCAL) < 0.5, 0.5, few)[:, None]  # noqa: PLR2004 - a coin
        share = np.where(self._axes.is_number, moved, REDRAW_PROBABILITY)
        changed = rng.random(active.shape) < share
        first = np.argmax(np.where(active, rng.random(active.shape), -1.0), axis=1)
        changed[np.arange(LOCAL), first] = True
        return changed

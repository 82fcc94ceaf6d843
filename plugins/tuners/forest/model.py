"""The model of ``tuner=smac``: sequential model-based algorithm configuration.

Hutter, Hoos and Leyton-Brown [1]_ alternate between three steps (Algorithm 1): they fit a random
forest to the losses, select promising assignments, and intensify. An assignment is selected by its
expected improvement (section 4.3). Candidates are random assignments and those that a local search
finds. So that no part of the space is neglected for good, some trials are drawn from the prior
instead (interleaved random configurations).

References
----------
.. [1] F. Hutter, H. H. Hoos, K. Leyton-Brown, "Sequential model-based optimization for general
   algorithm configuration", LION 5, 2011.
"""

import numpy as np

from sweepwright.contracts import Belief, Problem

from ..model_based.axes import Axes, Floats
from ..model_based.threads import single_threaded
from ..model_based.trials import Trials
from ..model_based.tuner import Repeat
from ..model_based.variants import draw_variants
from .beliefs import believed
from .encoding import Features, encode
from .forest import Forest
from .improvement import log_mean_improvement
from .intensification import collect, repetition
from .local_search import climb, draw_steps
from .surrogate import Surrogate

UNIFORM, VARIANTS = 150, 64
"""Numbers of draws from the prior, and of variants of good trials. Decision 0024 has the
measurements."""
RANK_PROBABILITY = 0.3
"""Parameter of the geometric distribution of the rank of the trial that is varied."""
FEW_MOVED = 1.5
"""Mean number of moved numbers in half of the variants. The others move half of the numbers."""
REDRAW_PROBABILITY = 0.15
"""Probability that a variant redraws a choice."""
STARTS = 5
"""Number of the best trials, and of the best candidates, from which the local search starts."""


class ForestModel:
    """Proposes the candidates with the largest expected improvement, or to repeat a measurement.

    Parameters
    ----------
    random_share
        Share of the trials that are drawn from the prior.
    most_measurements
        Largest number of measurements of an assignment; 1 means that none is repeated.
    """

    def __init__(
        self,
        problem: Problem,
        axes: Axes,
        trials: Trials,
        surrogate: Surrogate,
        *,
        random_share: float,
        most_measurements: int,
    ) -> None:
        self._problem = problem
        self._axes = axes
        self._trials = trials
        self._surrogate = surrogate
        self._random_share = random_share
        self._most_measurements = most_measurements

    def propose(self, draws: np.random.Generator, proposed: Floats) -> Floats | Repeat:
        """Propose rows of values, best first, shape (m, d), or to repeat a measurement.

        If m is 0, the caller draws from the prior instead.

        Parameters
        ----------
        proposed : ndarray, shape (j, d)
            Values that the same ``ask`` has already proposed, which count as pending trials.
        """
        if self._most_measurements > 1:
            found = collect(self._axes, self._trials, proposed)
            metric = self._problem.metric
            repeat = repetition(found, self._trials, self._most_measurements, metric)
            if repeat is not None:
                return repeat
        if draws.random() < self._random_share:
            return np.empty((0, len(self._axes)))
        with single_threaded():
            forest, known = self._surrogate.with_pending(self._axes.points(proposed))
            return self._most_promising(forest, known, draws)

    def _most_promising(
        self, forest: Forest, known: Features, draws: np.random.Generator
    ) -> Floats:
        """Return candidates, by their expected improvement in descending order; shape (m, d)."""
        best = float(self._surrogate.state().targets.values.min())

        def rate(values: Floats) -> Floats:
            features = encode(self._axes.points(values))
            ratings = log_mean_improvement(forest, self._axes, features, known, best)
            # The local search must not move to what breaks a constraint.
            return np.where(self._axes.permitted(values), ratings, -np.inf)

        values = self._draw(draws)
        ratings = rate(values)
        promising = values[np.argsort(-ratings, kind="stable")[:STARTS]]
        starts = np.concatenate([self._best_trials(), promising])
        near, near_ratings = climb(self._axes, rate, starts, draws)
        order = np.argsort(-np.concatenate([ratings, near_ratings]), kind="stable")
        return np.asarray(np.concatenate([values, near])[order])

    def _draw(self, draws: np.random.Generator) -> Floats:
        """Draw candidates from everywhere and around good trials; rows of values."""
        points = np.concatenate([self._axes.draw(draws, UNIFORM), self._variants(draws)])
        return self._axes.values(points)

    def _variants(self, draws: np.random.Generator) -> Floats:
        """Vary good trials; points, shape (m, d)."""
        ranked = self._trials.ranking.trials
        ranks = np.minimum(draws.geometric(RANK_PROBABILITY, VARIANTS), len(ranked)) - 1
        places = [ranked[rank] for rank in ranks.tolist()]
        shape = (VARIANTS, 1)
        few = min(FEW_MOVED / len(self._axes), 1.0)
        return draw_variants(
            self._axes,
            self._trials.points(places),
            self._trials.bins(places),
            draws,
            step=draw_steps(draws, shape),
            move=np.where(draws.random(shape) < 0.5, 0.5, few),  # noqa: PLR2004 - a coin
            redraw=REDRAW_PROBABILITY,
        )

    def _best_trials(self) -> Floats:
        """Return the values of the best trials, at most `STARTS` rows."""
        points = self._trials.points(self._trials.ranking.trials[:STARTS])
        return self._axes.values(np.nan_to_num(points))

    def belief(self) -> Belief | None:
        """Return the trial that is predicted to be best, and the importance of parameters."""
        with single_threaded():
            state = self._surrogate.state()
            return believed(self._axes, self._trials, state, self._problem.seed)

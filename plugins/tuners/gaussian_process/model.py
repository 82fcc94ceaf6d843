"""The model of ``tuner=gp``: rates candidates by their expected improvement.

The acquisition is the expected improvement on the lowest posterior mean at the trials, less a
margin. The observed losses would not do, because the lowest of noisy losses is too low. For the
same reason, the improvement is that of the posterior mean after the measurement (decision 0023).
"""

import numpy as np

from sweepwright.contracts import Belief, Problem

from ..model_based.axes import Axes, Floats
from ..model_based.threads import single_threaded
from ..model_based.trials import Trials
from .acquisition import learnable_deviation, log_expected_improvement
from .beliefs import believed
from .candidates import Candidates
from .embedding import Embedding
from .surrogate import Surrogate

MARGIN = 0.03
"""Improvement that does not count, in standard deviations of the targets."""
MISFIT = 0.01
"""Variance of the noise, in units of targets, up to which an objective counts as free of noise. In
objectives without noise, the process sees up to 0.002, if they are rougher than its kernel."""
RANDOM_SHARE = 0.1
"""Share of the trials of a space with conditions that are drawn from the prior."""


class ProcessModel:
    """Proposes the candidates with the largest expected improvement."""

    def __init__(
        self,
        problem: Problem,
        axes: Axes,
        trials: Trials,
        embedding: Embedding,
        surrogate: Surrogate,
        candidates: Candidates,
    ) -> None:
        self._seed = problem.seed
        self._axes = axes
        self._trials = trials
        self._embedding = embedding
        self._surrogate = surrogate
        self._candidates = candidates
        self._explores = bool(problem.space.conditions.steps)

    def propose(self, draws: np.random.Generator, proposed: Floats) -> Floats:
        """Propose rows of values, best first; shape (m, d).

        If m is 0, the caller draws from the prior instead.

        Parameters
        ----------
        proposed : ndarray, shape (j, d)
            Values that the same ``ask`` has already proposed, which count as pending trials.
        """
        if self._explores and draws.random() < RANDOM_SHARE:
            return np.empty((0, len(self._axes)))
        with single_threaded():
            values = self._candidates.draw(draws)
            process = self._surrogate.with_pending(self._axes.points(proposed))
            mean, variance = process.predict(self._embedding(self._axes.points(values)))
            best = self._surrogate.state().means.min() - MARGIN
            noise = max(process.noise - MISFIT, 0.0)
            deviation = learnable_deviation(variance, noise)
            scores = log_expected_improvement(mean, deviation, best)
        return values[np.argsort(-scores, kind="stable")]

    def belief(self) -> Belief | None:
        """Return the predicted best assignment and the importance of parameters."""
        with single_threaded():
            state = self._surrogate.state()
            return believed(self._axes, self._trials, self._embedding, state, self._seed)

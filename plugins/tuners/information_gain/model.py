"""The model of ``tuner=metis``: suggests the measurement that promises the largest gain.

Li et al. [1]_ fit a Gaussian process and derive two outputs from it. The first is the assignment
whose predicted mean is lowest; here it is the belief of the model. The second is the next trial.
Its candidates are of three kinds: where the prediction is most uncertain (exploration), where good
trials are or should be (exploitation), and assignments whose measurement is doubtful
(re-sampling). The candidate with the largest information gain is measured next.

The paper models good and other trials by two Gaussian mixtures; here these are the densities of
``tpe``, which know choices and inactive parameters. The process is that of ``gp``, whose targets
do not depend on the unit of the metric or on whether it is maximised.

References
----------
.. [1] Z. L. Li, C.-J. M. Liang, W. He, L. Zhu, W. Dai, J. Jiang, G. Sun, "Metis: Robustly
   Optimizing Tail Latencies of Cloud Systems", USENIX ATC 2018.
"""

from collections.abc import Sequence

import numpy as np

from sweepwright.contracts import Belief, Problem

from ..gaussian_process.beliefs import believed
from ..gaussian_process.candidates import Candidates
from ..gaussian_process.embedding import Embedding
from ..gaussian_process.process import Process
from ..gaussian_process.surrogate import Surrogate
from ..model_based.axes import Axes, Floats
from ..model_based.threads import single_threaded
from ..model_based.trials import Trials
from ..model_based.tuner import Repeat
from ..parzen.joint import JointModel
from .doubts import Doubt, find_doubts, gains_of_doubts
from .gain import information_gain

MOST_UNCERTAIN, MOST_PROMISING, LOWEST = 8, 24, 8
"""Numbers of candidates: those with the largest predicted deviation, those with the largest ratio
of the densities of good and of other trials, and those with the lowest predicted mean. Metis has
one of the first and one of the second kind. The numbers are not tuned."""


class MetisModel:
    """Proposes the candidates with the largest information gain, or to repeat a measurement.

    Parameters
    ----------
    candidates
        Source of the assignments from which the most uncertain and the lowest are chosen.
    parzen
        Source of assignments that resemble good trials more than others.
    exploration
        Probability that the information gain decides, rather than the predicted mean.
    resample
        Whether doubtful measurements are candidates.
    """

    def __init__(
        self,
        problem: Problem,
        trials: Trials,
        embedding: Embedding,
        surrogate: Surrogate,
        candidates: Candidates,
        parzen: JointModel,
        *,
        exploration: float,
        resample: bool,
    ) -> None:
        self._problem = problem
        self._axes = Axes(problem.space)
        self._trials = trials
        self._embedding = embedding
        self._surrogate = surrogate
        self._candidates = candidates
        self._parzen = parzen
        self._exploration = exploration
        self._resample = resample

    def propose(self, draws: np.random.Generator, proposed: Floats) -> Floats | Repeat:
        """Propose rows of values, best first, shape (m, d), or to repeat a measurement.

        Parameters
        ----------
        proposed : ndarray, shape (j, d)
            Values that the same ``ask`` has already proposed, which count as pending trials.
        """
        with single_threaded():
            explores = draws.random() < self._exploration
            pending = self._axes.points(proposed)
            process = self._surrogate.with_pending(pending)
            rows = self._candidates.draw(draws)
            mean, variance = process.predict(self._embed(rows))
            lowest = rows[np.argsort(mean, kind="stable")]
            if not explores:
                return lowest
            uncertain = rows[np.argsort(-variance, kind="stable")[:MOST_UNCERTAIN]]
            promising = self._promising(draws, proposed)
            rows = np.concatenate([uncertain, promising, lowest[:LOWEST]])
            return self._most_informative(process, rows, self._doubts(pending))

    def belief(self) -> Belief | None:
        """Return the predicted best assignment and the importance of parameters."""
        with single_threaded():
            state = self._surrogate.state()
            return believed(self._axes, self._trials, self._embedding, state, self._problem.seed)

    def _promising(self, draws: np.random.Generator, proposed: Floats) -> Floats:
        rows = self._parzen.propose(draws, proposed)
        if self._problem.space.constraints:
            rows = rows[self._problem.space.feasible(rows)]
        return rows[:MOST_PROMISING]

    def _doubts(self, pending: Floats) -> Sequence[Doubt]:
        if not self._resample:
            return []
        state, metric = self._surrogate.state(), self._problem.metric
        return list(find_doubts(state, self._trials, pending, metric))

    def _most_informative(
        self, process: Process, rows: Floats, doubts: Sequence[Doubt]
    ) -> Floats | Repeat:
        """Choose the candidate with the largest gain among new rows and doubtful measurements.

        The lowest mean is looked for among the trials and the rows.
        """
        state, candidates = self._surrogate.state(), self._embed(rows)
        known = self._embedding(self._trials.points(state.places.tolist()))
        points = np.concatenate([known, candidates])
        mean, variance = process.predict(candidates)
        means = np.append(state.means, mean)
        shifts = process.covariances(points, candidates) / np.sqrt(variance + process.noise)
        gains = information_gain(means, shifts)
        if doubts:
            doubtful = gains_of_doubts(doubts, means, state.process.influences(points))
            worst = int(np.argmax(doubtful))
            if doubtful[worst] > gains.max(initial=0.0):
                return Repeat(self._trials.number(doubts[worst].place), doubts[worst].reason)
        return rows[np.argsort(-gains, kind="stable")]

    def _embed(self, rows: Floats) -> Floats:
        return self._embedding(self._axes.points(rows))

r"""The model of BOHB: that of the largest budget of which enough is known.

Falkner et al. [1]_ keep a model for each budget b with a set :math:`D_b` of results, and take
the one of the largest b with :math:`|D_b| \ge N_{min} + 2`; a part :math:`\rho` of all
assignments is drawn from the prior whatever models say (Algorithm 2). Their kernel densities
are replaced by this package's model of whole assignments.

References
----------
.. [1] S. Falkner, A. Klein, F. Hutter, "BOHB: Robust and Efficient Hyperparameter Optimization
   at Scale", ICML 2018.
"""

from collections.abc import Callable, Sequence

import numpy as np

from sweepwright.events import (
    Assignment,
    Event,
    Failed,
    Lost,
    Measured,
    Opened,
    Stopped,
    Suggestion,
)
from sweepwright.space import SearchSpace

from .axes import Floats
from .joint import JointModel
from .trials import Trials
from .tuner import ParzenTuner


class FidelityModel:
    """Proposes what the model of one budget does, or nothing, so that the prior is drawn from.

    Parameters
    ----------
    trials
        All trials, told of each event before this is.
    new
        Makes an empty set of trials, and the model of it.
    least
        Results at a budget before its model is asked.
    random_fraction
        Share of the proposals that are none, from 0 to 1.
    """

    def __init__(
        self,
        space: SearchSpace,
        trials: Trials,
        new: Callable[[], tuple[Trials, JointModel]],
        *,
        least: int,
        random_fraction: float,
    ) -> None:
        self._space = space
        self._trials = trials
        self._new = new
        self._least = least
        self._random_fraction = random_fraction
        self._at: dict[float, tuple[Trials, JointModel]] = {}
        self._running: dict[int, Assignment] = {}

    def tell(self, event: Event) -> None:
        """Enter what became of a trial among those that got to the same budget."""
        trial = event.trial
        match event:
            case Opened():
                self._running[trial.number] = trial.assignment
            case Measured() | Stopped() | Failed() | Lost():
                self._running.pop(trial.number, None)
                if trial.budget is not None:
                    self._end(event, trial.budget)

    def propose(self, draws: np.random.Generator, ahead: Floats) -> Floats:
        """Propose rows of values, best first; shape (m, d), where m may be 0."""
        known = [b for b, (trials, _) in self._at.items() if len(trials.ranking) >= self._least]
        if not known or draws.random() < self._random_fraction:
            return np.empty((0, len(self._space)))
        _, model = self._at[max(known)]
        running = self._space.encode([*self._running.values()])
        return model.propose(draws, np.concatenate([ahead, running]))

    def _end(self, event: Event, budget: float) -> None:
        if budget not in self._at:
            self._at[budget] = self._new()
        trials, _ = self._at[budget]
        if event.trial.number not in trials:
            trials.enter(event.trial.number, *self._trials.row(event.trial.number))
        trials.tell(event)


class BudgetedParzenTuner:
    """Chooses assignments by a `FidelityModel`, and tells it of all that happens."""

    def __init__(self, tuner: ParzenTuner, model: FidelityModel) -> None:
        self._tuner = tuner
        self._model = model

    def ask(self, count: int) -> Sequence[Suggestion]:
        """Suggest assignments that no trial had."""
        return self._tuner.ask(count)

    def tell(self, event: Event) -> None:
        """Take in what happened to a trial, at its budget."""
        self._tuner.tell(event)
        self._model.tell(event)

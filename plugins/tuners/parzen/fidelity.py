r"""The model of BOHB, which uses the largest budget that has enough results.

Falkner et al. [1]_ keep, for each budget b, a model of its set :math:`D_b` of results, and use
the one of the largest b with :math:`|D_b| \ge N_{min} + 2` (Algorithm 2, line 2). With their
:math:`N_{min} = d + 1` for d parameters these are d + 3 results, the default of ``points``. A
share :math:`\rho` of all assignments is drawn from the prior (line 1). This class differs in the
model: instead of the paper's kernel density estimates it uses the joint model of this package.

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
    """Proposes what the model of one budget proposes, or nothing to request a draw from the prior.

    Invariant: each entry of `_models` holds exactly the trials that ended at its budget.

    Parameters
    ----------
    trials
        All trials; each event must reach them before it reaches this model.
    new_model
        Creates an empty set of trials and its model.
    min_results
        Results at a budget before its model is used.
    random_fraction
        Share of the proposals that are empty, 0 to 1.
    """

    def __init__(
        self,
        space: SearchSpace,
        trials: Trials,
        new_model: Callable[[], tuple[Trials, JointModel]],
        *,
        min_results: int,
        random_fraction: float,
    ) -> None:
        self._space = space
        self._trials = trials
        self._new_model = new_model
        self._min_results = min_results
        self._random_fraction = random_fraction
        self._models: dict[float, tuple[Trials, JointModel]] = {}
        self._running: dict[int, Assignment] = {}

    def tell(self, event: Event) -> None:
        """Enter the end of a trial into the model of its budget."""
        trial = event.trial
        match event:
            case Opened():
                self._running[trial.number] = trial.assignment
            case Measured() | Stopped() | Failed() | Lost():
                self._running.pop(trial.number, None)
                if trial.budget is not None:
                    self._end(event, trial.budget)

    def propose(self, draws: np.random.Generator, proposed: Floats) -> Floats:
        """Propose rows of values, best first; shape (m, d), where m may be 0."""
        ready = [
            b
            for b, (trials, _) in self._models.items()
            if len(trials.ranking) >= self._min_results
        ]
        if not ready or draws.random() < self._random_fraction:
            return np.empty((0, len(self._space)))
        _, model = self._models[max(ready)]
        # Trials that run at other budgets are unknown to this budget's model.
        running = self._space.encode([*self._running.values()])
        return model.propose(draws, np.concatenate([proposed, running]))

    def _end(self, event: Event, budget: float) -> None:
        if budget not in self._models:
            self._models[budget] = self._new_model()
        trials, _ = self._models[budget]
        # A trial is opened here when it ends, since only then it has a result at this budget.
        if event.trial.number not in trials:
            trials.enter(event.trial.number, *self._trials.row(event.trial.number))
        trials.tell(event)


class BudgetedParzenTuner:
    """Forwards events to a `ParzenTuner` and then to its `FidelityModel`, in this order."""

    def __init__(self, tuner: ParzenTuner, model: FidelityModel) -> None:
        self._tuner = tuner
        self._model = model

    def ask(self, count: int) -> Sequence[Suggestion]:
        """Suggest assignments that no trial had before."""
        return self._tuner.ask(count)

    def tell(self, event: Event) -> None:
        """Pass an event on to the tuner and to the model."""
        self._tuner.tell(event)
        self._model.tell(event)

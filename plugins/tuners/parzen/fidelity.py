r"""The model of BOHB, which uses the largest budget that has enough results.

Falkner et al. [1]_ keep a model of the set :math:`D_b` of results at each budget b. They use the
model of the largest b with :math:`|D_b| \ge N_{min} + 2` (Algorithm 2, line 2). Since
:math:`N_{min} = d + 1` for d parameters, a budget needs d + 3 results, which is the default of
``points``. A share :math:`\rho` of all assignments is drawn from the prior (line 1). The model
differs from the paper: instead of kernel density estimates, it is the joint model of this package.

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

from ..model_based.axes import Floats
from ..model_based.trials import Trials
from ..model_based.tuner import ModelBasedTuner
from .joint import JointModel


class FidelityModel:
    """Proposes assignments by the model of one budget, or requests a draw from the prior.

    Invariant: each entry of `_models` holds exactly the trials that ended at its budget.

    Parameters
    ----------
    trials
        The trials at all budgets. They must receive each event before this model does.
    new_model
        Creates an empty set of trials and a model of these trials.
    min_results
        Number of results that a budget needs before its model is used.
    random_fraction
        Share of the proposals that request a draw from the prior, from 0 to 1.
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
        """When a trial ends at a budget, enter it into the model of this budget."""
        trial = event.trial
        match event:
            case Opened():
                self._running[trial.number] = trial.assignment
            case Measured() | Stopped() | Failed() | Lost():
                self._running.pop(trial.number, None)
                if trial.budget is not None:
                    self._end(event, trial.budget)

    def propose(self, draws: np.random.Generator, proposed: Floats) -> Floats:
        """Propose rows of values, best first; shape (m, d).

        If m is 0, the caller draws from the prior instead.
        """
        ready = [
            b
            for b, (trials, _) in self._models.items()
            if len(trials.ranking) >= self._min_results
        ]
        if not ready or draws.random() < self._random_fraction:
            return np.empty((0, len(self._space)))
        _, model = self._models[max(ready)]
        # The model of this budget does not know the trials that run at other budgets.
        running = self._space.encode([*self._running.values()])
        return model.propose(draws, np.concatenate([proposed, running]))

    def _end(self, event: Event, budget: float) -> None:
        if budget not in self._models:
            self._models[budget] = self._new_model()
        trials, _ = self._models[budget]
        # Enter the trial only when it ends: before its end, it has no result at this budget.
        if event.trial.number not in trials:
            trials.enter(event.trial.number, *self._trials.row(event.trial.number))
        trials.tell(event)


class BudgetedParzenTuner:
    """Forwards each event to a `ModelBasedTuner` first, and then to its `FidelityModel`."""

    def __init__(self, tuner: ModelBasedTuner, model: FidelityModel) -> None:
        self._tuner = tuner
        self._model = model

    def ask(self, count: int) -> Sequence[Suggestion]:
        """Suggest assignments that have not been tried."""
        return self._tuner.ask(count)

    def tell(self, event: Event) -> None:
        """Forward an event to the tuner and to the model."""
        self._tuner.tell(event)
        self._model.tell(event)

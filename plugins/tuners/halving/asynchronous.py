"""Asynchronous successive halving: no trial waits until its rung is complete."""

from collections.abc import Iterator, Sequence
from itertools import islice, repeat

from sweepwright.contracts import Problem, Tuner
from sweepwright.events import (
    Event,
    Failed,
    Lost,
    Measured,
    Opened,
    Promote,
    Start,
    Stopped,
    Suggestion,
)

from .rung_results import RungResults
from .sampler import Sampler


class AsynchronousTuner:
    r"""Promotes a trial among the best :math:`1/\eta` of its rung, or else begins a new trial.

    This is Algorithm 2 (``get_job``) of Li et al. [1]_. A trial that failed counts as the worst of
    its rung, and is never promoted.

    Invariant: `_members` are the trials that began on the first rung. Trials that began at another
    budget are on no rung. An example is a trial of an assignment under `start`, which has the
    whole budget.

    Parameters
    ----------
    budgets
        Budgets of the rungs, in ascending order.

    References
    ----------
    .. [1] L. Li, K. Jamieson, A. Rostamizadeh, E. Gonina, J. Ben-tzur, M. Hardt, B. Recht,
       A. Talwalkar, "A System for Massively Parallel Hyperparameter Tuning", MLSys 2020.
    """

    def __init__(
        self, budgets: Sequence[float], eta: int, problem: Problem, sampler: Tuner
    ) -> None:
        self._budgets = tuple(budgets)
        self._eta = eta
        self._sampler = Sampler(sampler, problem)
        self._rungs = [RungResults() for _ in self._budgets]
        self._members: set[int] = set()

    def ask(self, count: int) -> Sequence[Suggestion]:
        """Promote trials from the top rung down, then begin trials on the first rung."""
        promotions = list(islice(self._promotions(), count))
        wanted = count - len(promotions)
        return [*promotions, *self._sampler.draw(repeat(self._budgets[0], wanted))]

    def tell(self, event: Event) -> None:
        """Record an event on the rung that has the trial's budget."""
        self._sampler.tell(event)
        trial, budget = event.trial.number, event.trial.budget
        if budget not in self._budgets:
            return
        place = self._budgets.index(budget)
        # A trial that begins at another budget, such as a trial of `start`, is on no rung.
        match event:
            case Opened(suggestion=Start()) if place == 0:
                self._members.add(trial)
                self._rungs[0].enter(trial)
            case Opened(suggestion=Promote()) if place and trial in self._members:
                self._rungs[place - 1].promote(trial)
                self._rungs[place].enter(trial)
            case Measured(value=value):
                self._rungs[place].measure(trial, value)
            case Failed() | Lost() | Stopped():
                self._rungs[place].fail(trial)

    def _promotions(self) -> Iterator[Promote]:
        for place in range(len(self._rungs) - 2, -1, -1):
            rung = self._rungs[place]
            # Algorithm 2: the candidates are the best floor(n / eta) of n trials.
            for trial in rung.promotable(rung.ended // self._eta):
                yield Promote(trial, self._budgets[place + 1])

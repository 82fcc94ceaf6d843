"""The tuner of synchronous brackets, one after the other or overlapping."""

from collections.abc import Callable, Iterator, Sequence
from itertools import count as count_from
from itertools import islice, repeat
from typing import TypeAlias

from sweepwright.contracts import Bracket, Problem, Tuner
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

from .bracket import SynchronousBracket
from .sampling import Sampling

Plan: TypeAlias = Callable[[int], Bracket | None]
"""Says how the k-th bracket is planned, None after the last one."""


class HalvingTuner:
    """Fills brackets in their order, and promotes the best of each rung.

    A trial that begins at the budget due belongs to the bracket that is being filled; trials
    of other budgets, such as given assignments, are the sampler's business alone.

    Parameters
    ----------
    parallel
        Whether a bracket may begin while those before it have slots to spare, rather than
        after them.
    """

    def __init__(
        self, plan: Plan, eta: int, problem: Problem, sampler: Tuner, *, parallel: bool
    ) -> None:
        self._plan = plan
        self._eta = eta
        self._parallel = parallel
        self._sampling = Sampling(sampler, problem)
        self._begun = 0
        self._filling: SynchronousBracket | None = None
        self._open: list[SynchronousBracket] = []
        self._of: dict[int, SynchronousBracket] = {}

    def ask(self, count: int) -> Sequence[Suggestion]:
        """Promote what can be promoted, of the earliest bracket first; then begin trials."""
        promotions = [p for bracket in self._open for p in bracket.promotions(short=False)]
        budgets = list(islice(self._budgets(), max(count - len(promotions), 0)))
        starts = self._sampling.draw(budgets)
        if budgets and not starts:
            promotions += self._promotions_of_the_last()
        return [*promotions[:count], *starts]

    def tell(self, event: Event) -> None:
        """Enter what happened on the rung where it happened."""
        self._sampling.tell(event)
        trial, budget = event.trial.number, event.trial.budget
        if isinstance(event, Opened) and isinstance(event.suggestion, Start):
            self._begin(trial, budget)
        bracket = self._of.get(trial)
        if bracket is None or budget is None or budget not in bracket.budgets:
            return
        match event:
            case Opened(suggestion=Promote()):
                bracket.enter(trial, budget)
            case Measured(value=value):
                bracket.measure(trial, budget, value)
            case Failed() | Lost() | Stopped():
                bracket.fail(trial, budget)
        if bracket in self._open and bracket.over(short=False):
            self._open.remove(bracket)

    def _begin(self, trial: int, budget: float | None) -> None:
        """Put a trial on the ladder that is being filled, if it begins where that does."""
        if self._filling is None or not self._filling.vacancies:
            planned = self._plan(self._begun)
            if planned is None or planned.rungs[0].budget != budget:
                return
            self._filling = SynchronousBracket(planned, self._eta)
            self._open.append(self._filling)
            self._begun += 1
        if self._filling.budgets[0] == budget:
            self._of[trial] = self._filling
            self._filling.enter(trial, budget)

    def _budgets(self) -> Iterator[float]:
        """Yield the budget of each trial that may begin now, in order."""
        if self._filling:
            yield from repeat(self._filling.budgets[0], self._filling.vacancies)
        for number in count_from(self._begun):
            alone = not self._open and number == self._begun
            planned = self._plan(number) if self._parallel or alone else None
            if planned is None:
                return
            yield from repeat(planned.rungs[0].budget, planned.rungs[0].trials)

    def _promotions_of_the_last(self) -> Iterator[Promote]:
        """Yield what can be promoted of a bracket that stays short, for want of more trials."""
        filling = self._filling
        if filling and filling.vacancies and not filling.beginning:
            yield from filling.promotions(short=True)

"""The tuner of synchronous brackets, which run one after another or overlap."""

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
from .sampler import Sampler

NextBracket: TypeAlias = Callable[[int], Bracket | None]
"""Returns the plan of the k-th bracket, or None after the last bracket."""


class SynchronousTuner:
    """Fills brackets one after another, and promotes the best trials of each rung.

    A trial does not say to which bracket it belongs. A trial that begins at the budget of the
    first rung therefore belongs to the bracket that is being filled. Trials with other budgets,
    such as the assignments under `start`, belong to no bracket, but the sampler learns from them.

    Invariants: `_open` has the brackets that have begun and are not finished, in the order of
    their beginning; `_filling` is the last bracket that has begun, and only this bracket can have
    vacancies.

    Parameters
    ----------
    parallel
        Whether a bracket may begin while earlier brackets are unfinished but leave slots free.
    """

    def __init__(
        self,
        next_bracket: NextBracket,
        eta: int,
        problem: Problem,
        sampler: Tuner,
        *,
        parallel: bool,
    ) -> None:
        self._next_bracket = next_bracket
        self._eta = eta
        self._parallel = parallel
        self._sampler = Sampler(sampler, problem)
        self._next_number = 0
        self._filling: SynchronousBracket | None = None
        self._open: list[SynchronousBracket] = []
        self._bracket_of: dict[int, SynchronousBracket] = {}

    def ask(self, count: int) -> Sequence[Suggestion]:
        """Promote trials, beginning with the earliest bracket, and then begin new trials."""
        promotions = [p for bracket in self._open for p in bracket.promotions(closed=False)]
        budgets = list(islice(self._budgets(), max(count - len(promotions), 0)))
        starts = self._sampler.draw(budgets)
        # There are vacancies, but the sampler or `max_trials` allows no further trials.
        if budgets and not starts:
            promotions += self._promotions_of_closed_bracket()
        return [*promotions[:count], *starts]

    def tell(self, event: Event) -> None:
        """Record an event on the rung that has the trial's budget."""
        self._sampler.tell(event)
        trial, budget = event.trial.number, event.trial.budget
        if isinstance(event, Opened) and isinstance(event.suggestion, Start):
            self._add_to_bracket(trial, budget)
        bracket = self._bracket_of.get(trial)
        if bracket is None or budget is None or budget not in bracket.budgets:
            return
        match event:
            case Opened(suggestion=Promote()):
                bracket.enter(trial, budget)
            case Measured(value=value):
                bracket.measure(trial, budget, value)
            case Failed() | Lost() | Stopped():
                bracket.fail(trial, budget)
        # A bracket that is closed early is never removed, because a resume may add trials to it.
        if bracket in self._open and bracket.finished(closed=False):
            self._open.remove(bracket)

    def _add_to_bracket(self, trial: int, budget: float | None) -> None:
        """Add a trial to the bracket that is being filled.

        If the trial does not begin at the budget of the first rung, it belongs to no bracket.
        """
        if self._filling is None or not self._filling.vacancies:
            planned = self._next_bracket(self._next_number)
            if planned is None or planned.rungs[0].budget != budget:
                return
            self._filling = SynchronousBracket(planned, self._eta)
            self._open.append(self._filling)
            self._next_number += 1
        if self._filling.budgets[0] == budget:
            self._bracket_of[trial] = self._filling
            self._filling.enter(trial, budget)

    def _budgets(self) -> Iterator[float]:
        """Yield the budget of each trial that may begin now, in order."""
        if self._filling:
            yield from repeat(self._filling.budgets[0], self._filling.vacancies)
        # These brackets begin next. Without `parallel`, a bracket begins only if none is open.
        for number in count_from(self._next_number):
            alone = not self._open and number == self._next_number
            planned = self._next_bracket(number) if self._parallel or alone else None
            if planned is None:
                return
            yield from repeat(planned.rungs[0].budget, planned.rungs[0].trials)

    def _promotions_of_closed_bracket(self) -> Iterator[Promote]:
        """Yield the promotions of a bracket that no further trial will fill."""
        filling = self._filling
        if filling and filling.vacancies and not filling.awaiting_first_rung:
            yield from filling.promotions(closed=True)

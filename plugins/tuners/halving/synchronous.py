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
"""Returns the plan of the k-th bracket, or None after the last one."""


class SynchronousTuner:
    """Fills brackets in their order, and promotes the best of each rung.

    A trial that begins at the budget of the first rung belongs to the bracket that is being
    filled, since nothing else of a trial says so. Trials with other budgets, such as given
    assignments, reach only the sampler.

    Invariants: `_open` has the brackets that began and are not finished, in their order;
    `_filling` is the last bracket that began, and the only one with vacancies.

    Parameters
    ----------
    parallel
        Whether a bracket may begin while earlier ones leave slots free, rather than after them.
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
        """Promote, from the earliest bracket on; then begin trials."""
        promotions = [p for bracket in self._open for p in bracket.promotions(closed=False)]
        budgets = list(islice(self._budgets(), max(count - len(promotions), 0)))
        starts = self._sampler.draw(budgets)
        # Trials could begin, but neither the sampler nor `max_trials` has any more.
        if budgets and not starts:
            promotions += self._promotions_of_closed_bracket()
        return [*promotions[:count], *starts]

    def tell(self, event: Event) -> None:
        """Record an event on the rung of the trial's budget."""
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
        # A bracket that is closed early is never removed: a resume may bring more trials.
        if bracket in self._open and bracket.finished(closed=False):
            self._open.remove(bracket)

    def _add_to_bracket(self, trial: int, budget: float | None) -> None:
        """Add a trial to the bracket that is being filled, if it has that bracket's budget."""
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
        # Brackets that would begin next. Without `parallel`, one begins only when none is open.
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

"""The sampler of a tuner with budgets: another tuner, which chooses the assignments."""

from collections.abc import Iterable

from sweepwright.contracts import Problem, Tuner
from sweepwright.events import Event, Opened, Promote, Start


class Sampler:
    """Draws new trials from a sampler, until it or the sweep has no more.

    The sampler is told every event but promotions. It thus learns each measurement of a trial on
    a higher rung, of which the last counts.
    """

    def __init__(self, sampler: Tuner, problem: Problem) -> None:
        self._sampler = sampler
        self._most = problem.max_trials
        self._opened = 0

    def tell(self, event: Event) -> None:
        """Forward an event, unless it opens a promotion."""
        match event:
            case Opened(suggestion=Promote()):
                return
            case Opened():
                self._opened += 1
        self._sampler.tell(event)

    def draw(self, budgets: Iterable[float]) -> list[Start]:
        """Draw a trial for each of these budgets, or fewer if there are no more."""
        wanted = list(budgets)
        if self._most is not None:
            wanted = wanted[: max(self._most - self._opened, 0)]
        # The sampler may return fewer suggestions; `zip` then drops the remaining budgets.
        drawn = self._sampler.ask(len(wanted)) if wanted else ()
        return [
            Start(suggestion.assignment, budget)
            for suggestion, budget in zip(drawn, wanted, strict=False)
            if isinstance(suggestion, Start)
        ]

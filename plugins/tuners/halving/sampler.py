"""The sampler of a tuner with budgets, which is another tuner that chooses the assignments."""

from collections.abc import Iterable

from sweepwright.contracts import Problem, Tuner
from sweepwright.events import Event, Opened, Promote, Start


class Sampler:
    """Draws new trials from a sampler, until the sampler or the sweep has no more trials.

    The sampler receives every event except promotions. If a trial is measured on several rungs,
    the sampler therefore receives every measurement, and the last measurement counts.
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
        """Draw one trial per budget, or fewer if the sampler or the sweep has no more trials."""
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

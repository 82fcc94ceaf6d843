"""Two tuners that keep their contract, for others to break it from."""

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from sweepwright.contracts import Problem, TunerProvider
from sweepwright.events import Event, Measured, Opened, Promote, Start, Suggestion
from sweepwright.seeds import rng
from tests.sweepwright.testing.options import NoOptions


class Drawing:
    """Draws from the prior what was not tried yet."""

    def __init__(self, _options: NoOptions, problem: Problem) -> None:
        self.problem = problem
        self.opened = 0
        self.tried: set[str] = set()

    def ask(self, count: int) -> Sequence[Suggestion]:
        return list(islice(self.draws(), count))

    def tell(self, event: Event) -> None:
        if isinstance(event, Opened):
            self.opened += 1
            self.tried.add(text(event.trial.assignment))

    def draws(self) -> Iterator[Start]:
        """Draw without end, or until a finite space is used up."""
        generator = rng(self.problem.seed, "tuner", self.opened)
        seen = set(self.tried)
        budget = self.problem.budget.minimum if self.problem.budget else None
        while len(seen) != self.problem.space.size:
            matrix = self.problem.space.sample(generator, 1)
            assignment = self.problem.space.decode(matrix)[0]
            if text(assignment) not in seen:
                seen.add(text(assignment))
                yield Start(assignment, budget)


class Halving(Drawing):
    """Promotes a trial to three times its budget when it beats two others on its rung."""

    def __init__(self, options: NoOptions, problem: Problem) -> None:
        super().__init__(options, problem)
        self.rungs: dict[float, dict[int, float]] = {}
        self.promoted: set[tuple[int, float]] = set()

    def ask(self, count: int) -> Sequence[Suggestion]:
        promotions = list(islice(self.promotions(), count))
        return [*promotions, *super().ask(count - len(promotions))]

    def tell(self, event: Event) -> None:
        super().tell(event)
        match event:
            case Opened(_, Promote(number, budget)):
                self.promoted.add((number, budget))
            case Measured(trial, value) if trial.budget:
                self.rungs.setdefault(trial.budget, {})[trial.number] = value

    def promotions(self) -> Iterator[Promote]:
        assert self.problem.budget
        for budget, values in self.rungs.items():
            best = sorted(values, key=values.__getitem__)[: len(values) // 3]
            for number in best:
                larger = 3 * budget
                if (number, larger) not in self.promoted and larger <= self.problem.budget.maximum:
                    yield Promote(number, larger)


def text(assignment: Any) -> str:
    return json.dumps(assignment, sort_keys=True)


def offer(kind: type[Drawing]) -> TunerProvider[NoOptions]:
    return TunerProvider(kind.__name__, NoOptions, kind, uses_budget=issubclass(kind, Halving))

"""Tuners that keep their contract, for others to break it from."""

import json
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import replace
from itertools import count, islice
from statistics import fmean
from typing import Any

from sweepwright.contracts import Belief, Prediction, Problem, TunerProvider
from sweepwright.events import Assignment, Event, Measured, Opened, Promote, Start, Suggestion
from sweepwright.hooks import hookimpl
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


class Repeating(Drawing):
    """Measures its best trial again at every third suggestion, and believes in the best mean."""

    def __init__(self, options: NoOptions, problem: Problem) -> None:
        super().__init__(options, problem)
        self.first: dict[int, int] = {}
        self.assignments: dict[int, Assignment] = {}
        self.values: dict[int, list[float]] = {}

    def ask(self, count: int) -> Sequence[Suggestion]:
        return list(islice(self.suggestions(), count))

    def suggestions(self) -> Iterator[Start]:
        draws = self.draws()
        for place in count(self.opened):
            repeats = self.values and place % 3 == 0
            start = self.repeat() if repeats else next(draws, None)
            if start is None:
                return
            yield start

    def tell(self, event: Event) -> None:
        super().tell(event)
        match event:
            case Opened(trial, Start(repeats=repeats)):
                self.first[trial.number] = trial.number if repeats is None else repeats
                self.assignments[trial.number] = trial.assignment
            case Measured(trial, value):
                self.values.setdefault(self.first[trial.number], []).append(value)

    def repeat(self) -> Start:
        best = self.best()
        budget = self.problem.budget.minimum if self.problem.budget else None
        assignment = deepcopy(self.assignments[best])
        return Start(assignment, budget, repeats=best, reason="is it as good as it looks?")

    def best(self) -> int:
        return min(self.values, key=lambda first: (fmean(self.values[first]), first))

    def belief(self) -> Belief | None:
        if not self.values:
            return None
        values = self.values[self.best()]
        best = Prediction(deepcopy(self.assignments[self.best()]), fmean(values), 1 / len(values))
        names = [parameter.name for parameter in self.problem.space.parameters]
        return Belief(best, {name: 1 / len(names) for name in names})


def text(assignment: Any) -> str:
    return json.dumps(assignment, sort_keys=True)


def offer(kind: type[Drawing]) -> TunerProvider[NoOptions]:
    return TunerProvider(
        kind.__name__,
        NoOptions,
        kind,
        uses_budget=issubclass(kind, Halving),
        believes=issubclass(kind, Repeating),
    )


BELIEVES = replace(offer(Repeating), name="repeating")


@hookimpl
def sweep_tuners() -> list[TunerProvider[NoOptions]]:
    """Offer ``tuner=repeating``, and a tuner that says nothing; this module is a plugin."""
    return [BELIEVES, replace(BELIEVES, name="silent", believes=False)]

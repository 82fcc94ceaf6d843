"""Tuners that break one clause of the contract each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from math import exp
from statistics import fmean

import numpy as np

from sweepwright.contracts import Belief, Problem
from sweepwright.events import Event, Failed, Measured, Opened, Promote, Start, Suggestion
from tests.sweepwright.testing.options import NoOptions
from tests.sweepwright.testing.sound_tuners import Drawing, Halving, Repeating, text


class Unseeded(Drawing):
    def draws(self) -> Iterator[Start]:
        space = self.problem.space
        while True:
            yield Start(space.decode(space.sample(np.random.default_rng(), 1))[0])


class SeedBlind(Drawing):
    def __init__(self, options: NoOptions, problem: Problem) -> None:
        super().__init__(options, replace(problem, seed=0))


class CountsAsks(Drawing):
    def ask(self, count: int) -> Sequence[Suggestion]:
        self.opened += 1
        return super().ask(count)


class LeavesTheDomain(Drawing):
    def draws(self) -> Iterator[Start]:
        for start in super().draws():
            yield Start({**start.assignment, "extra": 1})


class ForgetsFailures(Drawing):
    def tell(self, event: Event) -> None:
        super().tell(event)
        if isinstance(event, Failed):
            self.tried.discard(text(event.trial.assignment))
            self.opened -= 1


class GivesUp(Drawing):
    def tell(self, event: Event) -> None:
        super().tell(event)
        match event:
            case Failed():
                raise RuntimeError("a trial failed")


class WaitsForResults(Drawing):
    """Waits until all that it opened is measured, though some never will be."""

    def __init__(self, options: NoOptions, problem: Problem) -> None:
        super().__init__(options, problem)
        self.measured = 0

    def ask(self, count: int) -> Sequence[Suggestion]:
        return super().ask(count) if self.measured == self.opened else []

    def tell(self, event: Event) -> None:
        super().tell(event)
        self.measured += isinstance(event, Measured)


class SuggestsTwice(Drawing):
    def ask(self, count: int) -> Sequence[Suggestion]:
        return [start for start in super().ask(count) for _ in (1, 2)][:count]


class TrustsItsMemory(Drawing):
    """Counts only what it remembers to have suggested, which a replay knows nothing of."""

    def __init__(self, options: NoOptions, problem: Problem) -> None:
        super().__init__(options, problem)
        self.suggested: set[str] = set()

    def ask(self, count: int) -> Sequence[Suggestion]:
        asked = list(islice(self.draws(), count))
        self.suggested.update(text(start.assignment) for start in asked)
        return asked

    def tell(self, event: Event) -> None:
        if text(event.trial.assignment) in self.suggested:
            super().tell(event)


class SpeaksNumpy(Drawing):
    def draws(self) -> Iterator[Start]:
        for start in super().draws():
            yield Start({name: _numpy(value) for name, value in start.assignment.items()})


def _numpy(value: object) -> object:
    return np.float64(value) if isinstance(value, float) else value


class FloatsForInts(Drawing):
    def draws(self) -> Iterator[Start]:
        for start in super().draws():
            held = start.assignment.items()
            yield Start({k: float(v) if type(v) is int else v for k, v in held})


class SaysTooMuch(Drawing):
    def ask(self, count: int) -> Sequence[Suggestion]:
        return super().ask(count + 1)


class KnowsItsOwnOnly(Drawing):
    def __init__(self, options: NoOptions, problem: Problem) -> None:
        super().__init__(options, problem)
        self.waiting: set[str] = set()

    def ask(self, count: int) -> Sequence[Suggestion]:
        asked = super().ask(count)
        self.waiting = {text(start.assignment) for start in asked if isinstance(start, Start)}
        return asked

    def tell(self, event: Event) -> None:
        super().tell(event)
        if isinstance(event, Opened) and text(event.trial.assignment) not in self.waiting:
            raise KeyError(event.trial.number)


class LeavesOutForOthers(KnowsItsOwnOnly):
    """Counts a trial that it did not suggest as the trial of its own next suggestion."""

    def tell(self, event: Event) -> None:
        Drawing.tell(self, event)
        if isinstance(event, Opened) and text(event.trial.assignment) not in self.waiting:
            self.tried.update(text(start.assignment) for start in islice(self.draws(), 1))


class WritesIntoEvents(Drawing):
    def tell(self, event: Event) -> None:
        super().tell(event)
        if isinstance(event, Measured) and isinstance(event.metrics, dict):
            event.metrics["seen"] = True


class SharesItsState(Drawing):
    def __init__(self, options: NoOptions, problem: Problem) -> None:
        super().__init__(options, problem)
        self.memo: dict[int, Sequence[Suggestion]] = {}

    def ask(self, count: int) -> Sequence[Suggestion]:
        if self.opened not in self.memo:
            self.memo = {self.opened: super().ask(max(count, 8))}
        return self.memo[self.opened][:count]


class FitsInTell(Drawing):
    def tell(self, event: Event) -> None:
        super().tell(event)
        sum(range(300_000))


class FearsHugeValues(Drawing):
    def tell(self, event: Event) -> None:
        super().tell(event)
        if isinstance(event, Measured):
            exp(event.value)


class NeedsVariance(Drawing):
    """Divides by how much assignments differ."""

    def __init__(self, options: NoOptions, problem: Problem) -> None:
        super().__init__(options, problem)
        self.seen: list[str] = []

    def tell(self, event: Event) -> None:
        super().tell(event)
        if isinstance(event, Opened):
            self.seen.append(text(event.trial.assignment))
            lengths = [hash(seen) for seen in self.seen]
            spread = fmean(abs(length - lengths[0]) for length in lengths)
            if len(lengths) >= 5 and self.problem.space.size != 1:
                1 / spread


class WantsAllOpened(Drawing):
    def __init__(self, options: NoOptions, problem: Problem) -> None:
        super().__init__(options, problem)
        self.due = 0

    def ask(self, count: int) -> Sequence[Suggestion]:
        if self.due > 1:
            raise RuntimeError(f"{self.due} suggestions were dropped")
        self.due = count if count > 4 else 0
        return super().ask(count)

    def tell(self, event: Event) -> None:
        super().tell(event)
        self.due -= isinstance(event, Opened)


class CountsAttempts(Drawing):
    def tell(self, event: Event) -> None:
        super().tell(event)
        if isinstance(event, Measured):
            self.opened += event.attempt - 1


class PromotesTwice(Halving):
    def tell(self, event: Event) -> None:
        super().tell(event)
        self.promoted.clear()


class PromotesWhatRuns(Halving):
    def tell(self, event: Event) -> None:
        super().tell(event)
        match event:
            case Opened(trial, Start()) if trial.budget:
                self.rungs.setdefault(trial.budget, {})[trial.number] = -trial.number


class Overspends(Halving):
    def promotions(self) -> Iterator[Promote]:
        for promote in super().promotions():
            yield Promote(promote.trial, 100 * promote.budget)


class HasNoBudget(Halving):
    def draws(self) -> Iterator[Start]:
        for start in super().draws():
            yield Start(start.assignment)


class RepeatsTheLast(Repeating):
    """Repeats its last trial, which may itself be a repeat."""

    def repeat(self) -> Start:
        return replace(super().repeat(), repeats=self.opened - 1)


class BelievesTooSoon(Repeating):
    def belief(self) -> Belief:
        return super().belief() or Belief(None, {})


class BelievesInNothing(Repeating):
    def belief(self) -> Belief | None:
        belief = super().belief()
        return belief and replace(belief, importance={"nothing": 1.0})


class LearnsFromItsBeliefs(Repeating):
    def belief(self) -> Belief | None:
        self.opened += 1
        return super().belief()


CAUGHT_BY: Mapping[type[Drawing], str] = {
    Unseeded: "test_one_seed_repeats",
    SeedBlind: "test_another_seed_differs",
    CountsAsks: "test_ask_changes_nothing_that_lasts",
    LeavesTheDomain: "test_suggestions_are_in_the_space",
    ForgetsFailures: "test_failures_are_remembered",
    GivesUp: "test_failures_are_survived",
    WaitsForResults: "test_never_waits_when_nothing_runs",
    SuggestsTwice: "test_nothing_is_suggested_twice",
    TrustsItsMemory: "test_replay_repeats_every_ask",
    SpeaksNumpy: "test_suggestions_are_plain",
    FloatsForInts: "test_suggestions_are_plain",
    SaysTooMuch: "test_no_more_than_asked_for",
    KnowsItsOwnOnly: "test_trials_of_others_are_accepted",
    LeavesOutForOthers: "test_trials_of_others_are_accepted",
    WritesIntoEvents: "test_events_are_left_alone",
    SharesItsState: "test_suggestions_are_not_shared",
    FitsInTell: "test_tell_is_cheap",
    FearsHugeValues: "test_hard_values",
    NeedsVariance: "test_one_assignment_over_and_over",
    WantsAllOpened: "test_only_some_may_be_opened",
    CountsAttempts: "test_attempts_make_no_difference",
    PromotesTwice: "test_promotions",
    PromotesWhatRuns: "test_promotions",
    Overspends: "test_budgets_are_within_bounds",
    HasNoBudget: "test_budgets_are_within_bounds",
    RepeatsTheLast: "test_repeats",
    BelievesTooSoon: "test_beliefs",
    BelievesInNothing: "test_beliefs",
    LearnsFromItsBeliefs: "test_beliefs",
}
"""Each broken tuner with the check that is meant for it."""

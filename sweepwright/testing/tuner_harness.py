"""A harness for tuners: plays the driver, the platform and the trials, and records everything."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from hashlib import blake2b
from itertools import cycle
from typing import Any, TypeAlias, TypeGuard

from sweepwright.contracts import Problem, Tuner
from sweepwright.event_json import event_body, kind_of, read_event
from sweepwright.events import (
    Assignment,
    Event,
    Failed,
    Failure,
    FailureKind,
    Lost,
    Measured,
    Opened,
    Promote,
    Reported,
    Start,
    Stopped,
    Suggestion,
    Trial,
)
from sweepwright.protocol import dumps

Outcome: TypeAlias = Callable[[Trial], Sequence[Event]]
"""Function that returns the events from the start of a trial to its end."""


class TunerHarness:
    """Opens a tuner's suggestions, tells it the events of its trials, and records everything."""

    def __init__(self, tuner: Tuner) -> None:
        self.tuner = tuner
        self.events: list[Event] = []
        """All events that the tuner was told."""
        self.asked: list[list[Suggestion]] = []
        """For each call of `ask`, a copy of the suggestions that it returned."""
        self.asks: list[tuple[int, int]] = []
        """For each call of `ask`, the number of events before it, and its argument `count`."""
        self.trials: dict[int, Trial] = {}
        """Mapping from number to trial, with the budget for which the trial was opened last."""
        self.running: dict[int, Trial] = {}
        self._written: list[str] = []

    def run(
        self, trials: int, outcome: Outcome, *, concurrency: int = 1, last_first: bool = False
    ) -> "TunerHarness":
        """Continue until `trials` suggestions have been opened or the tuner has no more."""
        opened = 0
        while opened < trials or self.running:
            room = min(concurrency - len(self.running), trials - opened)
            suggestions = self.ask(room) if room else []
            for suggestion in suggestions:
                self.open(suggestion)
            opened += len(suggestions)
            if not self.running:
                return self
            self.end(list(self.running)[-1 if last_first else 0], outcome)
        return self

    def ask(self, count: int) -> list[Suggestion]:
        """Ask the tuner for suggestions, and record a copy of them."""
        suggestions = list(self.tuner.ask(count))
        self.asked.append(deepcopy(suggestions))
        self.asks.append((len(self.events), count))
        return suggestions

    def open(self, suggestion: Suggestion) -> Trial:
        """Open a suggestion as the driver does, and tell the tuner."""
        match suggestion:
            case Start(assignment, budget):
                trial = Trial(len(self.trials), assignment, budget)
            case Promote(number, budget):
                trial = replace(self.trials[number], budget=budget)
        self.trials[trial.number] = self.running[trial.number] = trial
        self.tell(Opened(trial, suggestion))
        return trial

    def end(self, number: int, outcome: Outcome) -> None:
        """End a running trial."""
        for event in outcome(self.running.pop(number)):
            self.tell(event)

    def tell(self, event: Event) -> None:
        """Tell the tuner an event, and record it."""
        self.events.append(event)
        self._written.append(written(event))
        self.tuner.tell(event)

    @property
    def assignments(self) -> list[Assignment]:
        """The assignments of all trials, in order."""
        return [trial.assignment for trial in self.trials.values()]

    @property
    def first_assignments(self) -> list[Assignment]:
        """The assignments of the trials that repeat no other trial, in order."""
        opened = (event.suggestion for event in self.events if isinstance(event, Opened))
        return [suggestion.assignment for suggestion in opened if is_first(suggestion)]

    @property
    def changed(self) -> list[Event]:
        """The events that have been changed since the tuner was told them."""
        pairs = zip(self.events, self._written, strict=True)
        return [event for event, before in pairs if written(event) != before]


def written(event: Event) -> str:
    """Convert an event to text, for comparison."""
    trial = event.trial
    return dumps([kind_of(event), trial.number, trial.assignment, trial.budget, event_body(event)])


def journaled(event: Event) -> Any:
    """Return an event as it is after the journal has stored and read it."""
    trial = json.loads(dumps([event.trial.number, event.trial.assignment, event.trial.budget]))
    body = json.loads(dumps(event_body(event)))
    attempt = 1 if isinstance(event, Opened) else event.attempt
    return read_event(kind_of(event), Trial(*trial), attempt, body)


def renumbered(event: Event, by: int) -> Event:
    """Return the same event for a trial whose number is larger by `by`."""
    match event:
        case Opened(trial, Promote(number, budget)):
            promote = Promote(number + by, budget)
            return Opened(replace(trial, number=trial.number + by), promote)
        case Opened(trial, Start(repeats=int() as first) as start):
            repeat = replace(start, repeats=first + by)
            return Opened(replace(trial, number=trial.number + by), repeat)
        case _:
            return replace(event, trial=replace(event.trial, number=event.trial.number + by))


def score(trial: Trial) -> float:
    """Compute a value between 0 and 1 that depends only on assignment and budget."""
    text = dumps([trial.assignment, trial.budget]).encode()
    return int.from_bytes(blake2b(text, digest_size=6).digest()) / 2**48


def measured(trial: Trial) -> list[Event]:
    """Return events of a trial that reports twice and then succeeds."""
    value = score(trial)
    reports = [Reported(trial, value + 1 / step, sequence=step) for step in (1, 2)]
    return [*reports, Measured(trial, value, metrics={"default": value})]


def failed(trial: Trial) -> list[Event]:
    """Return events of a trial that fails without a report."""
    return [Failed(trial, Failure(FailureKind.ERROR, "ValueError: no"))]


def lost(trial: Trial) -> list[Event]:
    """Return events of a trial that reports a value that is not finite, and then vanishes."""
    return [Reported(trial, None), Lost(trial, Failure(FailureKind.LOST, "its machine vanished"))]


def stopped(trial: Trial) -> list[Event]:
    """Return events of a trial that an assessor stops, every second trial without a report."""
    if trial.number % 2:
        return [Stopped(trial, None, "hopeless")]
    return [Reported(trial, score(trial)), Stopped(trial, score(trial), "hopeless")]


def mixed(trial: Trial) -> list[Event]:
    """Return events of a trial that ends in one of the four ways above; most succeed."""
    ways: Sequence[Outcome] = (measured, failed, measured, lost, measured, stopped)
    return list(ways[trial.number % len(ways)](trial))


HARD_VALUES = {
    "equal": [0.0],
    "huge": [1e300],
    "far apart": [1e300, -1e300],
    "further apart than the largest float": [1.7e308, -1.7e308, 0.0],
    "tiny": [5e-324, -0.0, 0.0],
}
"""Mapping from a property that is hard for a tuner to values of trials with this property."""


def valued(values: Iterable[float]) -> Outcome:
    """Return an outcome with which successive trials succeed with successive values."""
    rest = cycle(values)

    def outcome(trial: Trial) -> list[Event]:
        return [Measured(trial, next(rest))]

    return outcome


def is_plain(value: Any) -> bool:
    """Tell whether a value survives JSON unchanged, unlike a tuple or a scalar of numpy."""
    if type(value) is dict:
        return all(type(key) is str and is_plain(held) for key, held in value.items())
    if type(value) is list:
        return all(map(is_plain, value))
    return type(value) in (str, int, float, bool, type(None))


def assert_in_space(problem: Problem, played: TunerHarness) -> None:
    """Check every suggested assignment against the space."""
    suggested = list(starts(played))
    with suppress(ValueError):
        if problem.space.feasible(problem.space.encode(suggested)).all():
            return
    # Encoding all assignments together is fast. Only `misfits` explains what is wrong with one.
    for assignment in suggested:
        misfits = problem.space.misfits(assignment)
        assert not misfits, f"{assignment!r}: {misfits}"


def assert_sound_promotions(played: TunerHarness, rounds: int) -> None:
    """Run a tuner for some rounds, and check each promotion that it suggests."""
    seen: set[Suggestion] = set()
    for _ in range(rounds):
        for suggestion in played.ask(4 - len(played.running)):
            if isinstance(suggestion, Promote):
                assert_promotable(suggestion, played, seen)
                seen.add(suggestion)
            played.open(suggestion)
        for number in list(played.running)[:2]:
            played.end(number, mixed)


def assert_promotable(promote: Promote, played: TunerHarness, seen: set[Suggestion]) -> None:
    """Check that a promotion is allowed now, and is not among the earlier suggestions `seen`."""
    assert promote not in seen, f"promoted twice: {promote}"
    assert promote.trial in played.trials, f"no such trial: {promote}"
    assert promote.trial not in played.running, f"still running: {promote}"
    last = [e for e in played.events if e.trial.number == promote.trial][-1]
    assert kind_of(last) == "measured", f"did not end well: {promote}"
    before = played.trials[promote.trial].budget
    assert before is not None, f"it has no budget: {promote}"
    assert promote.budget > before, f"to a budget that is not larger: {promote}"


def is_covered(problem: Problem, played: TunerHarness) -> bool:
    """Tell whether every assignment of a finite space has been tried."""
    tried = {as_text(assignment) for assignment in played.assignments}
    return len(tried) == problem.space.size


def is_first(suggestion: Suggestion) -> TypeGuard[Start]:
    """Tell whether a suggestion opens a trial that repeats no other trial."""
    return isinstance(suggestion, Start) and suggestion.repeats is None


def is_repetitive(problem: Problem, played: TunerHarness) -> bool:
    """Tell whether an assignment was tried twice while others were untried, repeats apart."""
    distinct = [as_text(assignment) for assignment in played.first_assignments]
    distinct = distinct[: problem.space.size]
    return len(set(distinct)) < len(distinct)


def is_affordable(suggestion: Suggestion, problem: Problem) -> bool:
    """Tell whether a suggestion's budget is valid.

    It must be within the sweep's bounds, or absent if the sweep has no budget.
    """
    if problem.budget is None or suggestion.budget is None:
        return problem.budget is None and suggestion.budget is None
    return 0 < suggestion.budget <= problem.budget.maximum


def starts(played: TunerHarness) -> Iterator[Assignment]:
    """Yield every suggested assignment, whether the suggestion was opened or not."""
    for asked in played.asked:
        for suggestion in asked:
            if isinstance(suggestion, Start):
                yield suggestion.assignment


def suggestion_facts(suggestion: Suggestion) -> Sequence[Any]:
    """List the contents of a suggestion, without attempt numbers."""
    match suggestion:
        case Start(assignment, budget, parent):
            why = suggestion.repeats, suggestion.reason
            return [assignment, budget, parent and parent.trial, *why]
        case Promote(trial, budget):
            return [trial, budget]


def as_text(value: Any) -> str:
    """Convert a value to text; equal texts mean equal values of equal types."""
    return json.dumps(value, sort_keys=True, default=repr)

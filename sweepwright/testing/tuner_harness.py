"""A rehearsal: a tuner on its own, with somebody who plays driver, platform and trials."""

import json
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import replace
from hashlib import blake2b
from itertools import cycle
from typing import Any, TypeAlias

from sweepwright.contracts import Tuner
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
from sweepwright.protocol import dumps, event_body, kind_of, read_event

Outcome: TypeAlias = Callable[[Trial], Sequence[Event]]
"""Says what becomes of a trial, given when it is over."""


class Rehearsal:
    """Opens what a tuner suggests, tells it what became of it, and keeps everything."""

    def __init__(self, tuner: Tuner) -> None:
        self.tuner = tuner
        self.events: list[Event] = []
        """All that was told."""
        self.asked: list[list[Suggestion]] = []
        """What each ask of the play returned, as it was then."""
        self.asks: list[tuple[int, int]] = []
        """For each of them, how many events had been told and how many suggestions were wanted."""
        self.trials: dict[int, Trial] = {}
        """Every trial, at the last budget it was opened for."""
        self.running: dict[int, Trial] = {}
        self._written: list[str] = []

    def play(
        self, trials: int, outcome: Outcome, *, concurrency: int = 1, last_first: bool = False
    ) -> "Rehearsal":
        """Go on until so many suggestions were opened, or the tuner has no more."""
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
        """Ask, and keep a copy of the answer."""
        suggestions = list(self.tuner.ask(count))
        self.asked.append(deepcopy(suggestions))
        self.asks.append((len(self.events), count))
        return suggestions

    def open(self, suggestion: Suggestion) -> Trial:
        """Accept a suggestion as the driver does, which tells the tuner."""
        match suggestion:
            case Start(assignment, budget):
                trial = Trial(len(self.trials), assignment, budget)
            case Promote(number, budget):
                trial = replace(self.trials[number], budget=budget)
        self.trials[trial.number] = self.running[trial.number] = trial
        self.tell(Opened(trial, suggestion))
        return trial

    def end(self, number: int, outcome: Outcome) -> None:
        """Let a running trial come to its end."""
        for event in outcome(self.running.pop(number)):
            self.tell(event)

    def tell(self, event: Event) -> None:
        """Tell one event."""
        self.events.append(event)
        self._written.append(written(event))
        self.tuner.tell(event)

    @property
    def assignments(self) -> list[Assignment]:
        """The assignments of the trials opened, in order."""
        return [trial.assignment for trial in self.trials.values()]

    @property
    def changed(self) -> list[Event]:
        """The events that are no longer what they were when they were told."""
        pairs = zip(self.events, self._written, strict=True)
        return [event for event, before in pairs if written(event) != before]


def written(event: Event) -> str:
    """Write all that an event says, as text that can be compared."""
    trial = event.trial
    return dumps([kind_of(event), trial.number, trial.assignment, trial.budget, event_body(event)])


def journaled(event: Event) -> Any:
    """Read an event as the journal gives it back."""
    trial = json.loads(dumps([event.trial.number, event.trial.assignment, event.trial.budget]))
    body = json.loads(dumps(event_body(event)))
    attempt = 1 if isinstance(event, Opened) else event.attempt
    return read_event(kind_of(event), Trial(*trial), attempt, body)


def renumbered(event: Event, by: int) -> Event:
    """Make the same of another trial, whose number is higher by so many."""
    match event:
        case Opened(trial, Promote(number, budget)):
            promote = Promote(number + by, budget)
            return Opened(replace(trial, number=trial.number + by), promote)
        case _:
            return replace(event, trial=replace(event.trial, number=event.trial.number + by))


def score(trial: Trial) -> float:
    """Compute some value between 0 and 1 that depends on assignment and budget alone."""
    text = dumps([trial.assignment, trial.budget]).encode()
    return int.from_bytes(blake2b(text, digest_size=6).digest()) / 2**48


def measured(trial: Trial) -> list[Event]:
    """Report twice, then end well."""
    value = score(trial)
    reports = [Reported(trial, value + 1 / step, sequence=step) for step in (1, 2)]
    return [*reports, Measured(trial, value, metrics={"default": value})]


def failed(trial: Trial) -> list[Event]:
    """Fail without a report."""
    return [Failed(trial, Failure(FailureKind.ERROR, "ValueError: no"))]


def lost(trial: Trial) -> list[Event]:
    """Report what is not finite, then vanish with the machine."""
    return [Reported(trial, None), Lost(trial, Failure(FailureKind.LOST, "its machine vanished"))]


def stopped(trial: Trial) -> list[Event]:
    """Be stopped by an assessor, every other time before the first report."""
    if trial.number % 2:
        return [Stopped(trial, None, "hopeless")]
    return [Reported(trial, score(trial)), Stopped(trial, score(trial), "hopeless")]


def mixed(trial: Trial) -> list[Event]:
    """End in each of these ways by turns, mostly well."""
    ways: Sequence[Outcome] = (measured, failed, measured, lost, measured, stopped)
    return list(ways[trial.number % len(ways)](trial))


def valued(values: Iterable[float]) -> Outcome:
    """End well, with these values in turn."""
    rest = cycle(values)

    def outcome(trial: Trial) -> list[Event]:
        return [Measured(trial, next(rest))]

    return outcome


def is_plain(value: Any) -> bool:
    """Tell whether JSON brings a value back as it was: no tuple, no scalar of numpy's."""
    if type(value) is dict:
        return all(type(key) is str and is_plain(held) for key, held in value.items())
    if type(value) is list:
        return all(map(is_plain, value))
    return type(value) in (str, int, float, bool, type(None))

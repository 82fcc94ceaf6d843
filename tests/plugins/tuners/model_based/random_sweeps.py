"""Plays sweeps whose outcomes, batches and order of events are random."""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sweepwright.contracts import Belief, Tuner
from sweepwright.events import (
    Event,
    Failed,
    Failure,
    FailureKind,
    Lost,
    Measured,
    Opened,
    Reported,
    Start,
    Stopped,
    Trial,
)
from sweepwright.space import SearchSpace

LARGEST = float(np.finfo(np.float64).max)
LOSSES: tuple[Callable[[np.random.Generator], float], ...] = (
    lambda draws: float(draws.normal()),
    lambda draws: float(draws.integers(3)),
    lambda _: 0.0,
    lambda draws: float(draws.choice([1e300, -1e300, 1.0])),
    lambda draws: float(draws.choice([LARGEST, -LARGEST, 0.0])),
    lambda draws: float(draws.choice([5e-324, -0.0, 0.0])),
    lambda draws: math.ldexp(float(draws.normal()), int(draws.integers(-1000, 1000))),
    lambda draws: 1e9 + 1e-7 * float(draws.normal()),
)
"""Ways to draw a loss, of which a sweep has one."""


@dataclass
class RandomSweep:
    """A tuner, and the random driver, platform and user around it."""

    tuner: Tuner
    space: SearchSpace
    draws: np.random.Generator

    def __post_init__(self) -> None:
        self.loss = LOSSES[self.draws.integers(len(LOSSES))]
        self.failing = float(self.draws.choice([0.0, 0.2, 1.0], p=[0.5, 0.4, 0.1]))
        self.events: list[Event] = []
        self.running: list[Trial] = []
        self.first: dict[str, int] = {}
        """Mapping from assignments, as JSON, to the numbers of their first trials."""
        self.opened = 0
        sampled = self.space.sample(self.draws, 400)
        self.may_repeat = self.space.size is None and len({row.tobytes() for row in sampled}) < 300
        """Whether an infinite space has so few likely values that a tuner may run out of them."""

    def play(self, turns: int) -> None:
        """Let trials begin and end, in any order, and check what the tuner suggests."""
        for _ in range(turns):
            if self.draws.random() < 0.15:
                self._open_as_user()
            for suggestion in self.ask(int(self.draws.integers(1, 6)))[: self._some()]:
                self._open(suggestion)
            for _ in range(self._some()):
                if self.running:
                    self._end(self.running.pop(self.draws.integers(len(self.running))))

    def ask(self, count: int) -> list[Start]:
        """Ask for suggestions, and check them."""
        asked = [each for each in self.tuner.ask(count) if isinstance(each, Start)]
        new: set[str] = set()
        for start in asked:
            assert self.space.misfits(start.assignment) == [], start
            text = json.dumps(start.assignment, sort_keys=True)
            if start.repeats is None:
                assert self.may_repeat or text not in {*new, *self.first}, (
                    f"suggested again: {text}"
                )
                new.add(text)
            else:
                assert self.first[text] == start.repeats
                assert start.reason
        return asked

    def belief(self) -> Belief | None:
        """Ask the tuner what it believes, and check the answer."""
        belief: Belief | None = self.tuner.belief()  # type: ignore[attr-defined]
        if belief and (best := belief.best):
            assert self.space.misfits(best.assignment) == []
            assert math.isfinite(best.mean)
            assert 0 <= best.deviation < math.inf
        return belief

    def _some(self) -> int:
        return int(self.draws.integers(0, 6))

    def _open_as_user(self) -> None:
        """Open a trial of an assignment that the user gives, which may be a repeat of one."""
        (assignment,) = self.space.decode(self.space.sample(self.draws, 1))
        self._open(Start(assignment))

    def _open(self, start: Start) -> None:
        trial = Trial(self.opened, start.assignment)
        self.opened += 1
        self.first.setdefault(json.dumps(start.assignment, sort_keys=True), trial.number)
        self.running.append(trial)
        self._tell(Opened(trial, start))

    def _end(self, trial: Trial) -> None:
        if self.draws.random() < self.failing:
            failure = Failure(FailureKind.ERROR, "no")
            kind = Failed if self.draws.random() < 0.5 else Lost
            self._tell(kind(trial, failure))
            return
        value = self.loss(self.draws)
        self._tell(Reported(trial, value, sequence=1))
        match int(self.draws.integers(8)):
            case 0:
                self._tell(Stopped(trial, None, "hopeless"))
            case 1:
                self._tell(Stopped(trial, value, "hopeless"))
            case _:
                self._tell(Measured(trial, value))

    def _tell(self, event: Event) -> None:
        self.events.append(event)
        self.tuner.tell(event)

"""Tuners with budgets at work: trials advance on a virtual clock, four at once."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from typing import Any

from sweepwright.contracts import Budget, Problem, Tuner, TunerProvider
from sweepwright.events import Assignment, Measured, Opened, Promote, Start, Suggestion, Trial

from .scenes import VALLEY, build

SLOTS = 4
BUDGET = Budget(27)
SPREAD = 3.0
"""Ratio between the durations of the slowest and the fastest trial, for the same budget."""


@dataclass(frozen=True, slots=True)
class Segment:
    """The part of a trial from one budget to the next."""

    trial: int
    begun: float
    """Time of its start, as a share of the whole time."""
    ended: float
    before: float
    """The budget at its start, 0 for none."""
    after: float
    value: float
    """Its measurement at the end."""
    assignment: Assignment
    parent: int | None = None
    """The trial whose checkpoint it started from, if that is another one."""


def climb(provider: TunerProvider[Any], options: Mapping[str, Any], trials: int) -> list[Segment]:
    """Let a tuner search the valley with a limited number of trials; list all segments."""
    problem = Problem(VALLEY.space, 0, SLOTS, trials, BUDGET)
    return _Climb(build(provider, options, problem), problem).segments()


class _Climb:
    """A tuner, four slots and a clock."""

    def __init__(self, tuner: Tuner, problem: Problem) -> None:
        self._tuner = tuner
        self._problem = problem
        self._trials: dict[int, Trial] = {}
        self._agenda: list[tuple[float, int, Trial]] = []
        self._segments: list[Segment] = []
        self._now = 0.0

    def segments(self) -> list[Segment]:
        """Run to the end."""
        while True:
            for suggestion in self._wanted():
                self._open(suggestion)
            if not self._agenda:
                break
            self._now, _, trial = heappop(self._agenda)
            self._tuner.tell(Measured(trial, _loss(trial)))
        span = self._now or 1.0
        return [
            replace(segment, begun=segment.begun / span, ended=segment.ended / span)
            for segment in self._segments
        ]

    def _wanted(self) -> Sequence[Suggestion]:
        room = SLOTS - len(self._agenda)
        left = (self._problem.max_trials or 0) - len(self._trials)
        asked = list(self._tuner.ask(room)) if room else []
        promotions = [suggestion for suggestion in asked if isinstance(suggestion, Promote)]
        return [*promotions, *[s for s in asked if isinstance(s, Start)][:left]]

    def _open(self, suggestion: Suggestion) -> None:
        before, parent = 0.0, None
        match suggestion:
            case Start(assignment, budget, source):
                trial = Trial(len(self._trials), assignment, budget)
                if source:
                    parent = source.trial
                    before = self._inherited(parent, budget or 0.0)
            case Promote(number, budget):
                before = self._trials[number].budget or 0.0
                trial = replace(self._trials[number], budget=budget)
        after = trial.budget or 0.0
        ended = self._now + (after - before) * _pace(trial)
        self._trials[trial.number] = trial
        segment = Segment(
            trial.number, self._now, ended, before, after, _loss(trial), trial.assignment, parent
        )
        self._segments.append(segment)
        heappush(self._agenda, (ended, len(self._segments), trial))
        self._tuner.tell(Opened(trial, suggestion))

    def _inherited(self, parent: int, budget: float) -> float:
        """Return the budget of the parent's checkpoint, for a trial that starts from one."""
        reached = (segment.after for segment in self._segments if segment.trial == parent)
        return max((after for after in reached if after < budget), default=0.0)


def _loss(trial: Trial) -> float:
    """Measure a trial: the smaller its budget, the further from its final loss."""
    x, y = trial.assignment["x"], trial.assignment["y"]
    return VALLEY.objective(trial.assignment) + 20 * (1 + math.sin(x + y)) / (trial.budget or 1)


def _pace(trial: Trial) -> float:
    """Return the duration of a unit of the budget, from 1 to `SPREAD`, by assignment."""
    across = (trial.assignment["x"] + 5) / 15
    return math.exp(math.log(SPREAD) * across)

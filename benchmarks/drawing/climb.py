"""Tuners with budgets at work: trials climb on a virtual clock, four at once."""

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
"""How many times longer the slowest trial takes for the same budget than the fastest."""


@dataclass(frozen=True, slots=True)
class Leg:
    """A trial's way from one budget to the next."""

    trial: int
    begun: float
    """When, as a share of all the time there was."""
    ended: float
    before: float
    """The budget it had when it began, 0 for none."""
    after: float
    value: float
    """What it was measured at there."""
    assignment: Assignment
    parent: int | None = None
    """The trial whose checkpoint it began from, if that was another's."""


def climb(provider: TunerProvider[Any], options: Mapping[str, Any], trials: int) -> list[Leg]:
    """Let a tuner search the valley with so many trials at most; list all legs."""
    problem = Problem(VALLEY.space, 0, SLOTS, trials, BUDGET)
    return _Climb(build(provider, options, problem), problem).legs()


class _Climb:
    """A tuner, four slots and a clock."""

    def __init__(self, tuner: Tuner, problem: Problem) -> None:
        self._tuner = tuner
        self._problem = problem
        self._trials: dict[int, Trial] = {}
        self._agenda: list[tuple[float, int, Trial]] = []
        self._legs: list[Leg] = []
        self._now = 0.0

    def legs(self) -> list[Leg]:
        """Play to the end."""
        while True:
            for suggestion in self._wanted():
                self._open(suggestion)
            if not self._agenda:
                break
            self._now, _, trial = heappop(self._agenda)
            self._tuner.tell(Measured(trial, _loss(trial)))
        span = self._now or 1.0
        return [replace(leg, begun=leg.begun / span, ended=leg.ended / span) for leg in self._legs]

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
        leg = Leg(
            trial.number, self._now, ended, before, after, _loss(trial), trial.assignment, parent
        )
        self._legs.append(leg)
        heappush(self._agenda, (ended, len(self._legs), trial))
        self._tuner.tell(Opened(trial, suggestion))

    def _inherited(self, parent: int, budget: float) -> float:
        """Say how far the parent of a trial was that begins below a budget."""
        reached = (leg.after for leg in self._legs if leg.trial == parent)
        return max((after for after in reached if after < budget), default=0.0)


def _loss(trial: Trial) -> float:
    """Measure a trial: the less budget it had, the further from what it will come to."""
    x, y = trial.assignment["x"], trial.assignment["y"]
    return VALLEY.objective(trial.assignment) + 20 * (1 + math.sin(x + y)) / (trial.budget or 1)


def _pace(trial: Trial) -> float:
    """Say how long a unit of the budget takes, from 1 to `SPREAD`, as the assignment has it."""
    across = (trial.assignment["x"] + 5) / 15
    return math.exp(math.log(SPREAD) * across)

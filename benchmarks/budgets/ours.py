"""Our tuners as contenders: whatever the registry offers, by the contract."""

from collections.abc import Sequence
from dataclasses import replace

from sweepwright.contracts import Problem, Tuner
from sweepwright.events import Measured, Opened, Promote, Start, Suggestion, Trial

from ..problems.landscape import values_of
from .contender import Leg


class Ours:
    """One of our tuners, driven as the driver does: every suggestion is told as it is opened.

    A promoted trial goes on from its checkpoint, so that its leg costs the difference alone.
    """

    def __init__(self, tuner: Tuner, problem: Problem) -> None:
        assert problem.budget is not None, "a race has a budget"
        self._tuner = tuner
        self._space = problem.space
        self._maximum = problem.budget.maximum
        self._trials: list[Trial] = []

    def ask(self, count: int) -> Sequence[Leg]:
        """Ask, and tell it of each suggestion that it is opened."""
        return [self._open(suggestion) for suggestion in self._tuner.ask(count)] if count else []

    def tell(self, leg: Leg, value: float) -> None:
        """Tell it of a measurement."""
        self._tuner.tell(Measured(self._trials[leg.trial], value))

    def _open(self, suggestion: Suggestion) -> Leg:
        match suggestion:
            case Start(assignment, budget):
                spent = 0.0
                trial = Trial(len(self._trials), assignment, budget or self._maximum)
                self._trials.append(trial)
            case Promote(number, budget):
                spent = self._trials[number].budget or 0.0
                trial = self._trials[number] = replace(self._trials[number], budget=budget)
        self._tuner.tell(Opened(trial, suggestion))
        values = values_of(self._space, trial.assignment)
        return Leg(trial.number, values, int(spent), int(trial.budget or 0))

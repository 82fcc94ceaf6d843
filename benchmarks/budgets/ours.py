"""Adapts any of our tuners, from the registry, to the interface of the comparison."""

from collections.abc import Sequence
from dataclasses import replace

from sweepwright.contracts import Problem, Tuner
from sweepwright.events import Measured, Opened, Promote, Start, Suggestion, Trial

from ..problems.landscape import values_of
from .budgeted_tuner import Segment


class Ours:
    """One of our tuners, driven as by the driver: each suggestion is told when it is opened.

    A promoted trial continues from its checkpoint, so its segment costs only the difference.
    """

    def __init__(self, tuner: Tuner, problem: Problem) -> None:
        assert problem.budget is not None, "a race has a budget"
        self._tuner = tuner
        self._space = problem.space
        self._maximum = problem.budget.maximum
        self._trials: list[Trial] = []

    def ask(self, count: int) -> Sequence[Segment]:
        """Ask, and tell the tuner that each suggestion is opened."""
        return [self._open(suggestion) for suggestion in self._tuner.ask(count)] if count else []

    def tell(self, segment: Segment, value: float) -> None:
        """Tell the tuner a measurement."""
        self._tuner.tell(Measured(self._trials[segment.trial], value))

    def _open(self, suggestion: Suggestion) -> Segment:
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
        return Segment(trial.number, values, int(spent), int(trial.budget or 0))

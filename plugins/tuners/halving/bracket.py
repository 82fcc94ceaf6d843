"""A bracket of successive halving whose rungs wait until they are complete."""

from collections.abc import Iterator

from sweepwright.contracts import Bracket
from sweepwright.events import Promote

from .rung import Rung
from .schedule import sizes


class SynchronousBracket:
    """A ladder of rungs, and the trials on it.

    A trial is promoted as soon as no result that is missing in its rung can keep it from being
    among the best: who goes on is the same as if all had waited for the last of them.
    """

    def __init__(self, planned: Bracket, eta: int) -> None:
        self._eta = eta
        self.budgets = tuple(rung.budget for rung in planned.rungs)
        self._planned = tuple(rung.trials for rung in planned.rungs)
        self._rungs = [Rung() for _ in planned.rungs]

    @property
    def vacancies(self) -> int:
        """Count the trials that may still begin."""
        return self._planned[0] - self._rungs[0].entered

    @property
    def beginning(self) -> bool:
        """Whether any trial has no result at the first rung yet."""
        return self._rungs[0].ended < self._rungs[0].entered

    def enter(self, trial: int, budget: float) -> None:
        """Take in a trial that begins, or gets to a rung."""
        place = self._place(budget)
        if place:
            self._rungs[place - 1].promote(trial)
        self._rungs[place].enter(trial)

    def measure(self, trial: int, budget: float, value: float) -> None:
        """Enter the result of a trial."""
        self._rungs[self._place(budget)].measure(trial, value)

    def fail(self, trial: int, budget: float) -> None:
        """Enter that a trial came to nothing."""
        self._rungs[self._place(budget)].fail(trial)

    def promotions(self, *, short: bool) -> Iterator[Promote]:
        """Yield what can be promoted, from the top down.

        Parameters
        ----------
        short
            Whether no further trial begins: then those that did are all there is.
        """
        counts = self._counts(short=short)
        missing = self._missing(counts)
        for place in range(len(self._rungs) - 2, -1, -1):
            best = counts[place + 1] - missing[place]
            for trial in self._rungs[place].promotable(best):
                yield Promote(trial, self.budgets[place + 1])

    def over(self, *, short: bool) -> bool:
        """Tell whether every rung is complete, and all have gone on that are to."""
        counts = self._counts(short=short)
        complete = not any(self._missing(counts))
        return complete and all(rung.ended == rung.entered for rung in self._rungs)

    def _counts(self, *, short: bool) -> tuple[int, ...]:
        """Say how many trials get to each rung."""
        if not short:
            return self._planned
        return sizes(self._rungs[0].entered, self._eta, len(self._rungs))

    def _missing(self, counts: tuple[int, ...]) -> list[int]:
        """Count the results that are to come at each rung.

        Those that failed below do not get here, if others cannot stand in for them.
        """
        coming, missing = counts[0], []
        for rung, count in zip(self._rungs, counts, strict=True):
            coming = min(count, coming)
            missing.append(max(coming - rung.ended, 0))
            coming = rung.measured + missing[-1]
        return missing

    def _place(self, budget: float) -> int:
        return self.budgets.index(budget)

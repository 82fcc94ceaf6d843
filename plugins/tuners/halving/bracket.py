"""A synchronous bracket of successive halving."""

from collections.abc import Iterator

from sweepwright.contracts import Bracket
from sweepwright.events import Promote

from .rung_results import RungResults
from .schedule import sizes


class SynchronousBracket:
    """The rungs of a bracket and the trials on them.

    A trial is promoted as soon as no missing result can displace it from the best of its rung. The
    same trials are promoted as if each rung waited for its last result, only earlier. Decision
    0009 gives the reasons, and says why a failed trial counts as the worst of its rung.
    """

    def __init__(self, planned: Bracket, eta: int) -> None:
        self._eta = eta
        self.budgets = tuple(rung.budget for rung in planned.rungs)
        self._planned = tuple(rung.trials for rung in planned.rungs)
        self._rungs = [RungResults() for _ in planned.rungs]

    @property
    def vacancies(self) -> int:
        """Number of trials that may still begin in this bracket."""
        return self._planned[0] - self._rungs[0].entered

    @property
    def awaiting_first_rung(self) -> bool:
        """Whether the result of some trial on the first rung is still missing."""
        return self._rungs[0].ended < self._rungs[0].entered

    def enter(self, trial: int, budget: float) -> None:
        """Enter a trial that begins at a budget or is promoted to this budget."""
        place = self._rung_index(budget)
        if place:
            self._rungs[place - 1].promote(trial)
        self._rungs[place].enter(trial)

    def measure(self, trial: int, budget: float, value: float) -> None:
        """Record the result of a trial at a budget."""
        self._rungs[self._rung_index(budget)].measure(trial, value)

    def fail(self, trial: int, budget: float) -> None:
        """Record that a trial has ended at a budget without a result."""
        self._rungs[self._rung_index(budget)].fail(trial)

    def promotions(self, *, closed: bool) -> Iterator[Promote]:
        """Yield the promotions that are possible now, from the top rung down.

        Parameters
        ----------
        closed
            Whether no further trial will begin. If True, the sizes of the rungs are computed from
            the number of trials that began instead of the planned number.
        """
        counts = self._rung_sizes(closed=closed)
        missing = self._missing_results(counts)
        for place in range(len(self._rungs) - 2, -1, -1):
            # In the worst case, all missing results are better than the known results.
            best = counts[place + 1] - missing[place]
            for trial in self._rungs[place].promotable(best):
                yield Promote(trial, self.budgets[place + 1])

    def finished(self, *, closed: bool) -> bool:
        """Tell whether every rung is complete and every promotion has been made."""
        counts = self._rung_sizes(closed=closed)
        complete = not any(self._missing_results(counts))
        return complete and all(rung.ended == rung.entered for rung in self._rungs)

    def _rung_sizes(self, *, closed: bool) -> tuple[int, ...]:
        """Return the number of trials that each rung will have."""
        # A closed bracket keeps the proportions of the plan.
        if not closed:
            return self._planned
        return sizes(self._rungs[0].entered, self._eta, len(self._rungs))

    def _missing_results(self, counts: tuple[int, ...]) -> list[int]:
        """Count the results that are still to come on each rung.

        Trials that failed on the rung below never arrive on a rung. Their places stay empty unless
        other trials can be promoted instead.
        """
        arriving, missing = counts[0], []
        for rung, count in zip(self._rungs, counts, strict=True):
            arriving = min(count, arriving)
            missing.append(max(arriving - rung.ended, 0))
            # Failed trials are not promoted, so only these trials can arrive at the next rung.
            arriving = rung.measured + missing[-1]
        return missing

    def _rung_index(self, budget: float) -> int:
        return self.budgets.index(budget)

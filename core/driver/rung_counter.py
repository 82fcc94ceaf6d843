"""Counts of trials by budget, kept while a sweep runs."""

from collections import Counter
from collections.abc import Iterator

from sweepwright.events import Measured, Opened, Promote, StudyEvent


class LiveRungCounter:
    """How many trials came to each budget, ended well there, and went on.

    Parameters
    ----------
    full
        The largest budget, from which none goes on.
    """

    def __init__(self, full: float) -> None:
        self._full = full
        self._begun: Counter[float] = Counter()
        self._measured: Counter[float] = Counter()
        self._went_on: Counter[float] = Counter()
        self._last: dict[int, float] = {}

    def apply(self, event: StudyEvent) -> None:
        """Count what happened to a trial that has a budget."""
        number, budget = event.trial.number, event.trial.budget
        if budget is None:
            return
        match event:
            case Opened(suggestion=suggestion):
                self._begun[budget] += 1
                if isinstance(suggestion, Promote) and number in self._last:
                    self._went_on[self._last.pop(number)] += 1
            case Measured():
                self._measured[budget] += 1
                if budget < self._full:
                    self._last[number] = budget

    def lines(self) -> Iterator[str]:
        """Yield a line that tells of every rung, where there is more than one."""
        if len(self._begun) > 1:
            yield "   ".join(map(self._rung, sorted(self._begun)))

    def _rung(self, budget: float) -> str:
        went_on = self._went_on[budget]
        further = f", {went_on} went on" if went_on else ""
        return f"{budget:g}: {self._measured[budget]} of {self._begun[budget]}{further}"

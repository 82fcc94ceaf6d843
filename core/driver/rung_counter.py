"""Counts of trials at each budget of a running sweep, for the live display."""

from collections import Counter
from collections.abc import Iterator

from sweepwright.events import Measured, Opened, Promote, StudyEvent


class LiveRungCounter:
    """Counts how many trials were opened, measured and promoted at each budget.

    Parameters
    ----------
    full
        The largest budget. Trials at this budget are never promoted.
    """

    def __init__(self, full: float) -> None:
        self._full = full
        self._opened: Counter[float] = Counter()
        self._measured: Counter[float] = Counter()
        self._promoted: Counter[float] = Counter()
        self._last_budgets: dict[int, float] = {}
        """The budget at which a trial was last measured, for each trial that may be promoted."""

    def apply(self, event: StudyEvent) -> None:
        """Count an event if the event's trial has a budget."""
        number, budget = event.trial.number, event.trial.budget
        if budget is None:
            return
        match event:
            case Opened(suggestion=suggestion):
                self._opened[budget] += 1
                if isinstance(suggestion, Promote) and number in self._last_budgets:
                    self._promoted[self._last_budgets.pop(number)] += 1
            case Measured():
                self._measured[budget] += 1
                if budget < self._full:
                    self._last_budgets[number] = budget

    def lines(self) -> Iterator[str]:
        """Yield one line that describes all rungs; yield nothing if there is only one rung."""
        if len(self._opened) > 1:
            yield "   ".join(map(self._rung, sorted(self._opened)))

    def _rung(self, budget: float) -> str:
        promoted = self._promoted[budget]
        further = f", {promoted} promoted" if promoted else ""
        return f"{budget:g}: {self._measured[budget]} of {self._opened[budget]}{further}"

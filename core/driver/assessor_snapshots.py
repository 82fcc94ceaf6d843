"""Assessors of reproducible sweeps: each trial is judged by what was known when it opened.

An assessor compares a trial with others. How many results it was told by the time a trial reports
depends on how fast the trials run. How many it was told when the trial opened does not, since
`event_order.OrderedFeed` tells them in a fixed order. Decision 0010 has the alternatives.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sweepwright.contracts import Assessor
from sweepwright.events import Event, Failed, Lost, Measured, Opened, Stopped, Trial


@dataclass(slots=True)
class _Copy:
    """An assessor, and the number of events that it was told."""

    assessor: Assessor
    told: int = 0


class AssessorSnapshots:
    """A pool of equal assessors, one of which is reserved for each open trial.

    When a trial opens, a free assessor is told every event so far and then reserved: it is told
    nothing more until the result of that trial is told, and it alone judges the trial. Then it is
    free again and told what it missed. The pool is itself an assessor, so the driver needs no
    special case for it.

    Invariant: ``_events`` holds the events after the first ``_forgotten``, and every assessor was
    told at least those ``_forgotten`` events. Events that all were told are dropped.

    Parameters
    ----------
    build
        Builds a new assessor.
    copies
        The largest number of trials that are open, their results untold, at once.
    """

    def __init__(self, build: Callable[[], Assessor], copies: int) -> None:
        self._free = [_Copy(build()) for _ in range(copies)]
        self._reserved: dict[int, _Copy] = {}
        self._events: list[Event] = []
        self._forgotten = 0

    def assess(self, trial: Trial, curve: Sequence[float]) -> str | None:
        """Return why to stop a trial now, or None to let it run."""
        return self._reserved[trial.number].assessor.assess(trial, curve)

    def tell(self, event: Event) -> None:
        """Record an event; reserve an assessor when a trial opens, and free it at its result."""
        # First append: an assessor is told the opening of the trial that it is reserved for.
        self._events.append(event)
        match event:
            case Opened(trial):
                copy = self._free.pop()
                self._catch_up(copy)
                self._reserved[trial.number] = copy
            case Measured(trial) | Stopped(trial) | Failed(trial) | Lost(trial):
                self._free.append(self._reserved.pop(trial.number))
                self._forget()

    def _catch_up(self, copy: _Copy) -> None:
        for event in self._events[copy.told - self._forgotten :]:
            copy.assessor.tell(event)
        copy.told = self._forgotten + len(self._events)

    def _forget(self) -> None:
        """Bring all free assessors up to date, and drop the events that everybody was told."""
        for copy in self._free:
            self._catch_up(copy)
        # A reserved assessor may be far behind, and holds the events that it still has to be told.
        told = min(copy.told for copy in [*self._free, *self._reserved.values()])
        del self._events[: told - self._forgotten]
        self._forgotten = told

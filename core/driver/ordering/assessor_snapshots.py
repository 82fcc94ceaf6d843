"""Assessors of reproducible sweeps: each trial is judged by the results known when it opened.

An assessor compares a trial with other trials. When an ordinary assessor judges a report, the
results that it has received so far depend on how fast the other trials run. The results that it
has received when a trial opens do not depend on speed, because `event_order.OrderedFeed` delivers
results in a fixed order. Decision 0010 discusses the alternatives.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sweepwright.contracts import Assessor
from sweepwright.events import Event, Failed, Lost, Measured, Opened, Stopped, Trial


@dataclass(slots=True)
class _Copy:
    """An assessor, and the number of events that it has received."""

    assessor: Assessor
    told: int = 0


class AssessorSnapshots:
    """A pool of identical assessors, one of which is reserved for each open trial.

    When a trial opens, a free assessor first receives all events so far and is then reserved for
    the trial. While it is reserved, it receives no events, and it alone judges the trial. When the
    trial's result is delivered, the assessor becomes free again and receives the events that it
    missed. The pool implements the interface of an assessor, so the driver needs no special case
    for it.

    Invariant: ``_events`` holds all events except the oldest ones, which every assessor has
    received. Their number is ``_forgotten``. An event is dropped once every assessor has received
    it.

    Parameters
    ----------
    build
        Function that builds a new assessor.
    copies
        Number of assessors in the pool. Each trial that is open, or whose result is not delivered
        yet, occupies one assessor. The pool must be large enough for all these trials.
    """

    def __init__(self, build: Callable[[], Assessor], copies: int) -> None:
        self._free = [_Copy(build()) for _ in range(copies)]
        self._reserved: dict[int, _Copy] = {}
        self._events: list[Event] = []
        self._forgotten = 0

    def assess(self, trial: Trial, curve: Sequence[float]) -> str | None:
        """Return the reason to stop a trial now, or None to let it continue."""
        return self._reserved[trial.number].assessor.assess(trial, curve)

    def tell(self, event: Event) -> None:
        """Record an event: reserve an assessor when a trial opens, and free it at its result."""
        # Append the event first, because an assessor must see the opening of the trial that it is
        # reserved for.
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
        """Bring free assessors up to date, and drop events that all assessors have received."""
        for copy in self._free:
            self._catch_up(copy)
        # A reserved assessor may be far behind. The events that it has not received cannot be
        # dropped.
        told = min(copy.told for copy in [*self._free, *self._reserved.values()])
        del self._events[: told - self._forgotten]
        self._forgotten = told

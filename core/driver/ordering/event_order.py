"""The order in which tuners receive events: as they happen, or in a reproducible order.

Each suggestion of a tuner depends on the events that the tuner has received before. In a
reproducible sweep, these events must not depend on how fast trials run. `OrderedFeed` therefore
delivers results in the order of the suggestions that led to them. The number of results that it
delivers before the k-th suggestion is fixed. The price is that a slow trial delays later
suggestions.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, TypeGuard

from sweepwright.events import Event, Failed, Lost, Measured, Opened, Reported, Stopped, StudyEvent

from ..running_trial import RunningTrial


class EventFeed(Protocol):
    """Decides which events the tuner receives and when the tuner may be asked."""

    told: int
    """Number of results that the tuner has received so far; always 0 for a feed that can be
    replayed without this number. The journal stores the number with each suggestion, so that a
    replay delivers the same results before that suggestion."""

    def enter(self, event: StudyEvent, live: RunningTrial) -> Iterable[Event]:
        """Add an event, and return the events that the tuner receives now."""
        ...

    def catch_up(self, told: int) -> Iterable[Event]:
        """Return results during a replay, until the tuner has received `told` results in all."""
        ...

    def before_ask(self, suggestions: int, concurrency: int) -> Sequence[Event] | None:
        """Return the events to deliver before the next suggestion; None to wait for results."""
        ...

    def after_empty_ask(self) -> Sequence[Event] | None:
        """Return events to deliver after the tuner suggested nothing; None if there are none."""
        ...

    def rest(self) -> Sequence[Event]:
        """Return the results that are held back, to deliver when the tuner is asked no more."""
        ...


def choose_feed(*, reproducible: bool) -> EventFeed:
    """Return a new feed for a sweep."""
    return OrderedFeed() if reproducible else ImmediateFeed()


def is_told(event: StudyEvent) -> TypeGuard[Event]:
    """Tell whether tuners receive an event; the other events concern the driver alone."""
    if isinstance(event, Reported):
        return not event.final  # the tuner receives `Measured` when the trial ends
    return isinstance(event, Opened | Measured | Stopped | Failed | Lost)


class ImmediateFeed:
    """Delivers every event as it happens, and lets the tuner be asked at any time."""

    told = 0

    def enter(self, event: StudyEvent, live: RunningTrial) -> Iterable[Event]:  # noqa: ARG002 - `OrderedFeed` needs it
        """Return the event, unless it concerns only the driver."""
        return (event,) if is_told(event) else ()

    def catch_up(self, told: int) -> Iterable[Event]:  # noqa: ARG002 - as above
        """Return nothing, because `enter` has already returned every event."""
        return ()

    def before_ask(self, suggestions: int, concurrency: int) -> Sequence[Event]:  # noqa: ARG002 - as above
        """Return nothing, because the tuner may be asked at any time."""
        return ()

    def after_empty_ask(self) -> None:
        """Return None, because the tuner has already received every event."""
        return

    def rest(self) -> Sequence[Event]:
        """Return nothing, because the tuner has already received every event."""
        return ()


class OrderedFeed:
    """Delivers results in the order of their suggestions, independently of timing.

    With concurrency c, the tuner receives the results of suggestions 0 to k - c before it makes
    suggestion k. Suggestion k needs a free slot, and a slot is free only after k - c + 1 trials
    have ended. If all trials take the same time, these are exactly the trials of suggestions 0 to
    k - c, and no slot is idle. The intermediate reports of a trial are delivered together with its
    result. If reports were delivered as they arrive, reports of several trials would interleave in
    a random order.

    If the tuner suggests nothing, the next result is delivered early and the tuner is asked again.
    A replay cannot see that the tuner suggested nothing, so the journal records in `told` how many
    results had been delivered.
    """

    def __init__(self) -> None:
        self.told = 0
        self._results: dict[int, list[Event]] = {}
        """For each suggestion whose trial has ended: its reports and its result, until they are
        delivered."""

    def enter(self, event: StudyEvent, live: RunningTrial) -> Iterable[Event]:
        """Return an opening at once; hold back a result and the trial's reports until its turn."""
        match event:
            case Opened():
                return (event,)
            case Measured() | Stopped() | Failed() | Lost():
                self._results[live.suggestion_index] = [*live.reports, event]
        return ()

    def catch_up(self, told: int) -> Iterator[Event]:
        """Yield results until the tuner has received `told` results in all.

        Raises
        ------
        LookupError
            When a result is missing, as in a damaged journal.
        """
        while self.told < told:
            events = self._next()
            if events is None:
                raise LookupError(f"result {self.told} is missing")
            yield from events

    def before_ask(self, suggestions: int, concurrency: int) -> Sequence[Event] | None:
        """Return the results to deliver before the next suggestion; None if any is missing."""
        due = range(self.told, suggestions - concurrency + 1)
        if any(index not in self._results for index in due):
            return None
        return [event for _ in due for event in self._next() or ()]

    def after_empty_ask(self) -> Sequence[Event] | None:
        """Return the next result; None if it is still missing."""
        return self._next()

    def rest(self) -> Sequence[Event]:
        """Return all results that are left, although earlier ones may be missing."""
        return [event for index in sorted(self._results) for event in self._results[index]]

    def _next(self) -> list[Event] | None:
        events = self._results.pop(self.told, None)
        if events is not None:
            self.told += 1
        return events

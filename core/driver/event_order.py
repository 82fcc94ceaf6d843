"""When the tuner is told what: as things come, or in an order that time cannot change."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from sweepwright.events import Event, Failed, Lost, Measured, Opened, Reported, Stopped, StudyEvent

from .running_trial import RunningTrial


class EventFeed(Protocol):
    """Decides which events a tuner is told, and whether it may be asked."""

    told: int
    """Results told so far, in the order of their suggestions; 0 where there is no such order."""

    def enter(self, event: StudyEvent, live: RunningTrial) -> Iterable[Event]:
        """Take an event in; return what the tuner is to be told now."""
        ...

    def catch_up(self, told: int) -> Iterable[Event]:
        """Return what a journal says was told before its next suggestion."""
        ...

    def before_asking(self, suggestions: int, concurrency: int) -> Sequence[Event] | None:
        """Return what must be told before the next suggestion, None to wait for it."""
        ...

    def after_asking_in_vain(self) -> Sequence[Event] | None:
        """Return what else can be told to a tuner that suggested nothing, None for nothing."""
        ...


class ImmediateFeed:
    """Tells everything at once, and asks whenever there is room."""

    told = 0

    def enter(self, event: StudyEvent, live: RunningTrial) -> Iterable[Event]:  # noqa: ARG002 - the other way of telling needs it
        """Pass the event on, unless it is the driver's own business."""
        return _news(event)

    def catch_up(self, told: int) -> Iterable[Event]:  # noqa: ARG002 - as above
        """Return nothing: all was told as it came."""
        return ()

    def before_asking(self, suggestions: int, concurrency: int) -> Sequence[Event]:  # noqa: ARG002 - as above
        """Return nothing: the tuner may always be asked."""
        return ()

    def after_asking_in_vain(self) -> None:
        """Return None: the tuner has heard all there is."""
        return


class OrderedFeed:
    """Tells results in the order of their suggestions, a fixed number before each suggestion.

    Before the k-th suggestion those of 0 to k - concurrency are told. If the tuner then
    suggests nothing, the next result in that order is told and it is asked again. How many
    were told before a suggestion is journaled with it, so a replay need not ask.
    """

    def __init__(self) -> None:
        self.told = 0
        self._results: dict[int, list[Event]] = {}

    def enter(self, event: StudyEvent, live: RunningTrial) -> Iterable[Event]:
        """Pass openings on at once; keep a result, with its reports, until its turn."""
        match event:
            case Opened():
                return (event,)
            case Measured() | Stopped() | Failed() | Lost():
                self._results[live.suggestion_index] = [*live.reports, event]
        return ()

    def catch_up(self, told: int) -> Iterator[Event]:
        """Yield the results up to the number told."""
        while self.told < told:
            yield from self._next() or ()

    def before_asking(self, suggestions: int, concurrency: int) -> Sequence[Event] | None:
        """Return the results that must be told first, None while one of them is missing."""
        due = range(self.told, suggestions - concurrency + 1)
        if any(index not in self._results for index in due):
            return None
        return [event for _ in due for event in self._next() or ()]

    def after_asking_in_vain(self) -> Sequence[Event] | None:
        """Return the next result, None while it is missing."""
        return self._next()

    def _next(self) -> list[Event] | None:
        events = self._results.pop(self.told, None)
        if events is not None:
            self.told += 1
        return events


def _news(event: StudyEvent) -> tuple[Event, ...]:
    match event:
        case Reported(final=True):
            return ()
        case Opened() | Reported() | Measured() | Stopped() | Failed() | Lost():
            return (event,)
        case _:
            return ()

"""The order in which tuners are told events: as they happen, or in a reproducible order.

A tuner's suggestions depend on the events it was told before each of them. In a reproducible
sweep these must not depend on how fast trials run. `OrderedFeed` therefore tells results in the
order of the suggestions that led to them, and a fixed number of them before each suggestion. The
price is that a slow trial delays the suggestions after it.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from sweepwright.events import Event, Failed, Lost, Measured, Opened, Reported, Stopped, StudyEvent

from .running_trial import RunningTrial


class EventFeed(Protocol):
    """Decides which events the tuner is told, and whether it may be asked."""

    told: int
    """The number of results told so far. It is journaled with each suggestion, so that a replay
    tells the same ones; 0 for a feed whose replay does not need it."""

    def enter(self, event: StudyEvent, live: RunningTrial) -> Iterable[Event]:
        """Add an event; return the events to tell now."""
        ...

    def catch_up(self, told: int) -> Iterable[Event]:
        """Return the results to tell during a replay, before the suggestion journaled next."""
        ...

    def before_ask(self, suggestions: int, concurrency: int) -> Sequence[Event] | None:
        """Return the events to tell before the next suggestion; None to wait for results."""
        ...

    def after_empty_ask(self) -> Sequence[Event] | None:
        """Return events to tell a tuner that suggested nothing; None when there are none."""
        ...


class ImmediateFeed:
    """Tells every event as it happens, and lets the tuner be asked at any time."""

    told = 0

    def enter(self, event: StudyEvent, live: RunningTrial) -> Iterable[Event]:  # noqa: ARG002 - `OrderedFeed` needs it
        """Return the event, unless it concerns the driver alone."""
        match event:
            case Reported(final=True):
                return ()  # the tuner is told `Measured` instead, once the trial has ended well
            case Opened() | Reported() | Measured() | Stopped() | Failed() | Lost():
                return (event,)
        return ()

    def catch_up(self, told: int) -> Iterable[Event]:  # noqa: ARG002 - as above
        """Return nothing: `enter` has returned everything."""
        return ()

    def before_ask(self, suggestions: int, concurrency: int) -> Sequence[Event]:  # noqa: ARG002 - as above
        """Return nothing: there is nothing to wait for."""
        return ()

    def after_empty_ask(self) -> None:
        """Return None: the tuner has been told everything."""
        return


class OrderedFeed:
    """Tells results in the order of their suggestions, a fixed number before each suggestion.

    With concurrency c, the results of suggestions 0 to k - c are told before suggestion k. These
    are k - c + 1 results, as many as must be in anyway before suggestion k finds a free slot; if
    all trials take equally long, waiting for these rather than any others leaves no slot idle.
    The intermediate reports of a trial are told together with its result, because reports of
    several trials would otherwise interleave at random.

    When the tuner suggests nothing, the next result is told early, and it is asked again. A
    replay cannot know that this happened, which is why the journal records `told`.
    """

    def __init__(self) -> None:
        self.told = 0
        self._results: dict[int, list[Event]] = {}
        """Reports and result of trials that ended and are not yet told, by suggestion."""

    def enter(self, event: StudyEvent, live: RunningTrial) -> Iterable[Event]:
        """Return an opening at once; hold a result, with its reports, until its turn."""
        match event:
            case Opened():
                return (event,)
            case Measured() | Stopped() | Failed() | Lost():
                self._results[live.suggestion_index] = [*live.reports, event]
        return ()

    def catch_up(self, told: int) -> Iterator[Event]:
        """Yield results until `told` of them have been told."""
        while self.told < told:
            yield from self._next() or ()

    def before_ask(self, suggestions: int, concurrency: int) -> Sequence[Event] | None:
        """Return the results to tell before the next suggestion; None while one is missing."""
        due = range(self.told, suggestions - concurrency + 1)
        if any(index not in self._results for index in due):
            return None
        return [event for _ in due for event in self._next() or ()]

    def after_empty_ask(self) -> Sequence[Event] | None:
        """Return the next result; None while it is missing."""
        return self._next()

    def _next(self) -> list[Event] | None:
        events = self._results.pop(self.told, None)
        if events is not None:
            self.told += 1
        return events

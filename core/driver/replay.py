"""Replay: rebuild study, tuner and assessor from the journal, as they were when it ends.

The technique is event sourcing. Study, tuner and assessor change through events alone, and events
carry no physical facts (docs/decisions/0002), so that the same events in the same order restore
the same state. Each entry is applied in the order that the driver keeps: the tuner is told the
results that it had been told before it suggested a trial, then the study applies the event, then
the event feed passes it to the tuner.
"""

from collections.abc import Callable, Iterable

from sweepwright.events import Event, Reported, Stopped, job_name

from ..store.entries import Entry, EventEntry, LateEnd
from .event_order import EventFeed
from .study import Study

_BATCH = 1000
"""How many events are collected before the tuner is told, so that their memory is bounded."""


def replay(
    entries: Iterable[Entry],
    study: Study,
    feed: EventFeed,
    tell: Callable[[Iterable[Event]], None],
) -> set[str]:
    """Apply every entry of a journal, in order.

    Returns
    -------
    set of str
        Jobs of stopped trials whose end no driver has seen, and which may still run.
    """
    uncancelled: set[str] = set()
    untold: list[Event] = []
    for entry in entries:
        match entry:
            case EventEntry(event):
                untold += feed.catch_up(entry.results_told or 0)
                untold += _apply(entry, study, feed)
                # A stopped trial is over for the study, but its job is cancelled only after the
                # commit, which a crash may have prevented.
                if isinstance(event, Stopped):
                    uncancelled.add(job_name(study.sweep, event.trial.number, event.attempt))
            case LateEnd(job):
                uncancelled.discard(job)
        if len(untold) > _BATCH:
            tell(untold)
            untold = []
    tell(untold)
    return uncancelled


def _apply(entry: EventEntry, study: Study, feed: EventFeed) -> Iterable[Event]:
    # `apply` removes a trial that ended from `study.running`, and adds one that was opened. So the
    # trial is looked up before it, and after it for an opening.
    number = entry.event.trial.number
    live = study.running.get(number)
    study.apply(entry.event)
    live = live or study.running[number]
    if isinstance(entry.event, Reported):
        live.cursor = entry.cursor
    return feed.enter(entry.event, live)

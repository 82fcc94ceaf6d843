"""Replay: restore the study, the tuner and the assessor from the journal.

The technique is event sourcing. Only events change the study, the tuner and the assessor, and
events contain no physical facts (docs/decisions/0002). Applying the same events in the same order
therefore restores the same state. Each entry is applied in the driver's order: first the tuner
receives the results that it had received before it made the suggestion, then the study applies the
event, and finally the event feed passes the event to the tuner.
"""

from collections.abc import Callable, Iterable

from sweepwright.events import Event, Reported, Retried, Stopped, job_name

from ..store.entries import Entry, EventEntry, LateEnd
from .ordering.event_order import EventFeed
from .study import Study

_BATCH = 1000
"""Number of events that are collected before they are passed to the tuner. It bounds the memory
for these events."""


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
        Jobs that may still be running: they belong to stopped trials or to interrupted attempts,
        and no driver has seen the jobs end.
    """
    uncancelled: set[str] = set()
    untold: list[Event] = []
    for entry in entries:
        match entry:
            case EventEntry(event):
                untold += feed.catch_up(entry.results_told or 0)
                untold += _apply(entry, study, feed)
                # For the study, a stopped trial has ended. Its job is cancelled only after the
                # commit, and a crash may have prevented that. The job of an interrupted attempt
                # may have been out of reach.
                match event:
                    case Stopped(trial, attempt=attempt) | Retried(
                        trial, attempt=attempt, counted=False
                    ):
                        uncancelled.add(job_name(study.sweep, trial.number, attempt))
            case LateEnd(job):
                uncancelled.discard(job)
        if len(untold) > _BATCH:
            tell(untold)
            untold = []
    tell(untold)
    return uncancelled


def _apply(entry: EventEntry, study: Study, feed: EventFeed) -> Iterable[Event]:
    # `apply` removes an ended trial from `study.running` and adds an opened trial to it. A trial
    # is therefore looked up before `apply`, and an opened trial after `apply`.
    number = entry.event.trial.number
    live = study.running.get(number)
    study.apply(entry.event)
    live = live or study.running[number]
    if isinstance(entry.event, Reported):
        live.cursor = entry.cursor
        line = entry.event.sequence if entry.line is None else entry.line
        live.log.add(entry.event, entry.role or "", entry.process, line)
    return feed.enter(entry.event, live)

"""Rebuilds the tuner of a recorded sweep from its journal, and asks what it believes.

The tuner of a sweep that runs, or whose driver was killed, has recorded no belief. It is in the
state to which the recorded events lead, so another tuner that is told the same events believes the
same.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial

from sweepwright.contracts import Belief, PluginError, Tuner
from sweepwright.events import Event, Opened, Start

from ...registry.registry import Registry
from ...store.entries import Entry, EventEntry
from ...store.history import History
from ...store.journal_reader import JournalReader
from ...store.salvage import SalvageReader
from ...store.store_errors import DamagedJournalError, converting_errors
from ...store.sweep_files import JOURNAL
from ..ordering.event_order import choose_feed, is_told
from ..replay import replay
from ..runtime import build_tuner, tell_tuner
from ..study import Study
from .asking import ask_belief


def rebuild_belief(history: History, registry: Registry) -> Belief | None:
    """Return what a sweep's tuner believes after all events that its journal holds by now.

    Raises
    ------
    PluginError
        When the tuner is not installed, cannot be built, or fails.
    StoreError
        When the journal cannot be read.
    """
    try:
        return _belief_after_replay(history, registry)
    except DamagedJournalError:
        return _belief_after_salvage(history, registry)


def _belief_after_replay(history: History, registry: Registry) -> Belief | None:
    """Tell the tuner events in the order in which the driver told them."""
    plan, folder = history.plan, history.folder
    study, feed = Study(plan, history.sweep), choose_feed(reproducible=plan.reproducible)
    with closing(JournalReader(folder)) as reader, converting_errors(folder / JOURNAL):
        tuner = _build(history, registry)
        tell = partial(tell_tuner, plan, tuner)
        replay(reader.entries(), study, feed, tell)
        tell(feed.rest())
    return ask_belief(plan, tuner)


def _belief_after_salvage(history: History, registry: Registry) -> Belief | None:
    """Tell the tuner the events of those trials whose opening is whole."""
    tuner = _build(history, registry)
    with closing(SalvageReader(history.folder)) as reader:
        tell_tuner(history.plan, tuner, _whole_events(reader.entries(), history))
    return ask_belief(history.plan, tuner)


def _build(history: History, registry: Registry) -> Tuner:
    try:
        return build_tuner(history.plan, registry)
    except LookupError as error:
        raise PluginError(str(error)) from error


def _whole_events(entries: Iterable[Entry], history: History) -> Iterator[Event]:
    space, lost = history.plan.space, set[int | None]()
    for entry in entries:
        if not isinstance(entry, EventEntry) or not is_told(entry.event):
            continue
        event = entry.event
        match event:
            case Opened(trial, Start()) if space.misfits(trial.assignment):
                lost.add(trial.number)
            case Opened(suggestion=Start(repeats=repeats) as start) if repeats in lost:
                # The tuner would look for a trial of which it was not told.
                event = replace(event, suggestion=replace(start, repeats=None))
        if event.trial.number not in lost:
            yield event

"""Recorded sweeps in a store, as a driver leaves them."""

from collections.abc import Sequence
from contextlib import closing
from itertools import zip_longest
from pathlib import Path
from typing import Any

from sweepwright.core.driver.study import Study
from sweepwright.core.plan.plan import Plan
from sweepwright.core.store.catalog import Store
from sweepwright.core.store.entries import EventEntry, SessionEnded
from sweepwright.core.store.journal import Journal
from sweepwright.core.store.journal_reader import JournalReader
from sweepwright.events import (
    Failed,
    Failure,
    FailureKind,
    Measured,
    Start,
    Started,
    Stopped,
    StudyEvent,
)
from tests.core.examples import plan

OUT_OF_MEMORY = Failure(FailureKind.MEMORY, "the trial ran out of memory")


def read_events(folder: Path) -> list[EventEntry]:
    """Read what a sweep's journal holds of its trials."""
    with closing(JournalReader(folder)) as reader:
        return [entry for entry in reader.entries() if isinstance(entry, EventEntry)]


def trial_events(
    study: Study, ending: Any, handle: Any = None, **assignment: Any
) -> Sequence[StudyEvent]:
    """Open a trial and end it: with a value, a `Failure`, or the reason to stop it.

    None leaves it running. `handle` is what the platform calls its job.
    """
    values = {"lr": 0.01, "layers": 2, "activation": "tanh", **assignment}
    return start_events(study, Start(values), ending, handle)


def start_events(
    study: Study, start: Start, ending: Any, handle: Any = None
) -> Sequence[StudyEvent]:
    """Open a suggestion and end its trial, as `trial_events` does."""
    opened = study.open(start)
    events: list[StudyEvent] = [opened, Started(opened.trial, 1, handle)]
    match ending:
        case Failure():
            events.append(Failed(opened.trial, ending))
        case str():
            events.append(Stopped(opened.trial, None, ending))
        case int() | float():
            value = study.plan.objective.minimised(ending)
            metrics = {study.plan.objective.metric: ending, "test_accuracy": ending - 0.01}
            events.append(Measured(opened.trial, value, 1, metrics))
    for event in events:
        study.apply(event)
    return events


NOISY = (0.9, 0.8, 0.5, OUT_OF_MEMORY, 0.6)
"""Values of the trials of `record_repeats`."""


def record_repeats(store: Path, of: Plan | None = None) -> Path:
    """Record a sweep whose trials 2 to 4 measure trial 0 again, which was the best by luck."""
    folder: Path = Store(store).create(of or plan())
    study = Study(of or plan(), folder.name)
    first, other = ({"lr": lr, "layers": 2, "activation": "tanh"} for lr in (0.01, 0.02))
    again = Start(first, repeats=0, reason="too good to be true")
    with closing(Journal(folder)) as journal:
        for start, ending in zip((Start(first), Start(other), *[again] * 3), NOISY, strict=True):
            for event in start_events(study, start, ending):
                journal.append(EventEntry(event))
        journal.append(SessionEnded("done", ""))
        journal.commit()
    return folder


def record(
    store: Path,
    endings: Sequence[Any],
    state: str | None = "done",
    reason: str = "",
    of: Plan | None = None,
    handles: Sequence[Any] = (),
    **assignment: Any,
) -> Path:
    """Record a sweep whose trials have these endings; without a state its driver was killed.

    `handles` are what the platform calls the jobs of the first trials.
    """
    folder: Path = Store(store).create(of or plan())
    journal = Journal(folder)
    study = Study(of or plan(), folder.name)
    for ending, handle in zip_longest(endings, handles):
        lr = 0.01 + study.opened / 1000
        for event in trial_events(study, ending, handle, lr=lr, **assignment):
            journal.append(EventEntry(event))
    if state:
        journal.append(SessionEnded(state, reason))
    journal.commit()
    journal.close()
    return folder

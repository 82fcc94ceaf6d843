"""The history of a sweep: its trials and their results, computed from the journal.

Tables, charts and exports use the history.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from heapq import nsmallest
from itertools import accumulate
from pathlib import Path
from typing import Protocol

from sweepwright.events import (
    CheckpointRef,
    Failed,
    Lost,
    Measured,
    Opened,
    Reported,
    Retried,
    Start,
    Started,
    Stopped,
)
from sweepwright.jobs import machines_of
from sweepwright.protocol import dumps

from ..plan.assignment_values import AssignmentValues
from ..plan.plan import Plan
from ..plan.trial_state import TrialState
from .entries import BeliefStated, Entry, EventEntry, JobWaiting, SessionStarted
from .journal_reader import JournalReader
from .lock import is_driven
from .sessions import Sessions
from .store_errors import converting_errors
from .sweep_files import JOURNAL
from .trial_table import TrialHistory, TrialTable


@dataclass(frozen=True, slots=True)
class History:
    """All trials of a sweep so far, and the state of the sweep."""

    sweep: str
    folder: Path
    plan: Plan
    created: float
    ended: float | None
    state: str
    """``running``, ``done``, ``failed`` or ``interrupted``."""
    reason: str
    trials: TrialTable
    sessions: Sequence[SessionStarted] = ()
    """The first entry of each session."""
    waiting: Mapping[int, str] = field(default_factory=dict)
    """What each trial waits for, by trial number, while a driver works on the sweep."""
    stated: BeliefStated | None = None
    """What the tuner believed after all of these events, if that was recorded."""

    @property
    def best(self) -> TrialHistory | None:
        """The trial of the best assignment; the earliest one if several are equally good."""
        return next(iter(self.top(1)), None)

    def top(self, count: int) -> list[TrialHistory]:
        """Return the first measured trials of the assignments with the best values, best first."""
        numbers = nsmallest(count, self.trials.measured_assignments(), key=self._minimised_median)
        return [self.trials[number] for number in numbers]

    def curve(self) -> list[float]:
        """Return the best value so far after each measured trial, in the order of their ends.

        The curve is monotone unless assignments were measured again.
        """
        ended = sorted(self.trials.measured(), key=self.trials.ended.__getitem__)
        minimised = self.plan.objective.minimised
        return [minimised(value) for value in self._best_so_far(ended)]

    def _best_so_far(self, numbers: Sequence[int]) -> Iterable[float]:
        trials = self.trials
        if not trials.repeats:
            return accumulate(map(self._minimised, numbers), min)
        values = AssignmentValues()
        for trial in trials:
            values.open_trial(trial.repeats)
        return [self._best_with(values, number) for number in numbers]

    def _best_with(self, values: AssignmentValues, number: int) -> float:
        """Add the measurement of a trial, and return the best value of all assignments."""
        values.measure(number, self._minimised(number))
        assert values.best is not None, "there is a measurement"
        return values.best[1]

    @property
    def last_end(self) -> float:
        """Time at which the last trial ended; the time of creation if none has ended."""
        ended = (time for time in self.trials.ended if not math.isnan(time))
        return max(ended, default=self.created)

    def _minimised(self, number: int) -> float:
        return self.plan.objective.minimised(self.trials.value(number))

    def _minimised_median(self, number: int) -> float:
        if not self.trials.repeats:
            return self._minimised(number)
        value = self.trials[number].median
        assert value is not None, "the trial is measured"
        return self.plan.objective.minimised(value)


class EntryReader(Protocol):
    """Reads a journal, such as `JournalReader`."""

    folder: Path
    plan: Plan
    created: float

    def entries(self) -> Iterator[Entry]:
        """Yield the entries that were not yielded before, in order."""
        ...


def read_history(folder: Path) -> History:
    """Read a sweep's history, either while a driver works on the sweep or afterwards.

    Raises
    ------
    StoreError
        When the journal cannot be read.
    """
    with converting_errors(folder / JOURNAL), closing(JournalReader(folder)) as reader:
        return HistoryFold(reader).history(driven=is_driven(folder))


class HistoryFold:
    """Computes the history of a sweep from the entries of its journal, as they are read."""

    def __init__(self, reader: EntryReader) -> None:
        self.reader = reader
        self.sessions = Sessions(reader.plan)
        self._trials = TrialTable()
        self._waiting: dict[int, str] = {}
        self._events = 0
        self._stated: BeliefStated | None = None

    def entries(self) -> Iterator[Entry]:
        """Yield each entry that was not read yet, after adding it to the history."""
        for entry in self.reader.entries():
            self.add(entry)
            yield entry

    def add(self, entry: Entry) -> None:
        """Add an entry to the history."""
        self.sessions.add(entry)
        match entry:
            case EventEntry():
                self._events += 1
                self._add(entry)
            case BeliefStated():
                self._stated = entry
            case JobWaiting(trial, wants=str() as wants):
                self._waiting[trial] = wants
            case JobWaiting(trial):
                self._waiting.pop(trial, None)
            case SessionStarted():
                self._waiting.clear()

    def history(self, *, driven: bool) -> History:
        """Read all remaining entries, and return the history.

        Parameters
        ----------
        driven
            Whether a driver works on the sweep now. If a driver does, a session that has no end is
            still running. If no driver does, the session was interrupted.
        """
        # A replay may already have read the entries of earlier sessions. This loop reads the
        # remaining entries.
        for _ in self.entries():
            pass
        end = self.sessions.end
        if end:
            state, reason = end.state, end.reason
        elif driven:
            state, reason = "running", ""
        else:
            state, reason = "interrupted", "its driver ended unexpectedly"
        return History(
            self.reader.folder.name,
            self.reader.folder,
            self.sessions.plan,
            self.reader.created,
            end.time if end else None,
            state,
            reason,
            self._trials,
            self.sessions.started,
            dict(sorted(self._waiting.items())) if state == "running" else {},
            self._stated if self._stated and self._stated.events == self._events else None,
        )

    def _add(self, entry: EventEntry) -> None:
        event, trials, number = entry.event, self._trials, entry.event.trial.number
        match event:
            case Opened():
                self._open(event, entry.time)
            case Started(attempt=attempt, handle=handle):
                trials.set_state(number, TrialState.RUNNING, attempt)
                trials.set_machines(number, ", ".join(machines_of(handle)))
                # Keep the first start, because the duration of a trial includes its retries.
                if math.isnan(trials.started[number]):
                    trials.started[number] = entry.time
            case Reported(continued=continued):
                trials.set_continued(number, continued=continued)
            case Retried(failure=failure, attempt=attempt):
                trials.set_state(number, TrialState.DUE, attempt)
                trials.set_machines(number, "")
                # The next attempt may start over although this attempt continued from a
                # checkpoint, or vice versa.
                trials.set_continued(number, continued=None)
                trials.failures[number] = failure
            case Measured():
                self._end(event, TrialState.MEASURED, entry.time)
                self._measure(event)
            case Stopped(reason=reason):
                self._end(event, TrialState.STOPPED, entry.time)
                trials.reasons[number] = reason
            case Failed(failure=failure):
                self._end(event, TrialState.FAILED, entry.time)
                trials.failures[number] = failure
            case Lost(failure=failure):
                self._end(event, TrialState.LOST, entry.time)
                trials.failures[number] = failure

    def _open(self, event: Opened, time: float) -> None:
        trials, number = self._trials, event.trial.number
        match event.suggestion:
            case Start(assignment, parent=parent, repeats=repeats, reason=reason):
                if number != len(trials):
                    raise LookupError(f"trial {number} is opened after {len(trials)} trials")
                trials.open_trial(dumps(assignment), time, repeats, reason)
                inherited_budget = self._budget_of(parent)
            case _:
                inherited_budget = trials[number].budget or 0.0
        trials.begin_evaluation(number, event.trial.budget, inherited_budget)

    def _budget_of(self, parent: CheckpointRef | None) -> float:
        """Return the budget that was spent on a parent's checkpoint; 0 if there is no parent."""
        if parent is None:
            return 0.0
        # The attempts of a trial are numbered across all its evaluations, so the number of an
        # attempt identifies the evaluation.
        evaluations = self._trials[parent.trial].evaluations
        return next((e.budget or 0.0 for e in evaluations if e.attempt == parent.attempt), 0.0)

    def _measure(self, event: Measured) -> None:
        # Events contain the minimised objective, and the history contains the metric. `minimised`
        # is its own inverse and converts in both directions.
        number, minimised = event.trial.number, self.sessions.plan.objective.minimised
        best = self._trials[number].value
        # Require a strictly better value, so that the earliest of several equal measurements stays
        # the best.
        better = best is None or event.value < minimised(best)
        self._trials.measure(number, minimised(event.value), dumps(event.metrics), best=better)
        self._trials.failures.pop(number, None)

    def _end(
        self, event: Measured | Stopped | Failed | Lost, state: TrialState, time: float
    ) -> None:
        self._trials.set_state(event.trial.number, state, event.attempt)
        self._trials.ended[event.trial.number] = time

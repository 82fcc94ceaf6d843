"""The history of a sweep: its trials and their results, computed from the journal.

Tables, charts and exports use the history. It contains every trial of a sweep of any length, so a
trial must not take more than a few hundred bytes. Assignments and metrics are therefore stored as
JSON text, and parsed on access.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from sweepwright.events import (
    Assignment,
    CheckpointRef,
    Failed,
    Failure,
    Lost,
    Measured,
    Opened,
    Reported,
    Retried,
    Start,
    Started,
    Stopped,
)
from sweepwright.protocol import dumps

from ..plan.plan import Plan
from ..plan.trial_state import TrialState
from .entries import Entry, EventEntry, SessionStarted
from .journal_reader import JournalReader
from .lock import is_driven
from .sessions import Sessions
from .store_errors import converting_errors
from .sweep_files import JOURNAL


@dataclass(slots=True)
class Evaluation:
    """The evaluation of a trial at one budget. A trial without budgets has one evaluation."""

    budget: float | None = None
    inherited_budget: float = 0.0
    """Budget that was spent on the inherited checkpoint; 0 if no checkpoint is inherited."""
    state: TrialState = TrialState.DUE
    attempt: int = 0
    """Number of the last attempt at this evaluation."""
    continued: bool | None = None
    """Whether the last attempt continued from the inherited checkpoint; None until its first
    report."""
    value: float | None = None
    """The measured value of the metric, as the trial reported it."""
    metrics_json: str = ""
    """All metrics of the measurement; empty if there is no measurement."""


@dataclass(slots=True)
class TrialHistory:
    """The events of a trial, summarised."""

    number: int
    opened: float
    """Time at which the trial was opened. All times are in Unix seconds."""
    assignment_json: str = ""
    evaluations: list[Evaluation] = field(default_factory=list)
    """The evaluations of the trial, one per budget, in order."""
    best: Evaluation | None = None
    """The evaluation with the best measurement; the earliest one if several are equally good."""
    attempts: int = 0
    failure: Failure | None = None
    reason: str = ""
    """Reason of the assessor that stopped the trial."""
    started: float | None = None
    ended: float | None = None

    @property
    def state(self) -> TrialState:
        """State of the trial's last evaluation."""
        return self.evaluations[-1].state

    @property
    def budget(self) -> float | None:
        """The largest budget for which the trial was opened."""
        return self.evaluations[-1].budget

    @property
    def value(self) -> float | None:
        """The best measurement of the trial: the metric's value as the trial reported it."""
        return self.best.value if self.best else None

    @property
    def assignment(self) -> Assignment:
        """Parameter values, nested in the same way as in the trial's input."""
        values: Assignment = json.loads(self.assignment_json)
        return values

    @property
    def metrics(self) -> Mapping[str, Any]:
        """All metrics that the trial reported with its best measurement."""
        return json.loads(self.best.metrics_json) if self.best else {}


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
    trials: list[TrialHistory]
    sessions: Sequence[SessionStarted] = ()
    """The first entry of each session."""

    @property
    def best(self) -> TrialHistory | None:
        """The trial with the best measurement; the earliest one if several are equally good."""
        return min(self.measured, key=self._rank, default=None)

    @property
    def measured(self) -> list[TrialHistory]:
        """The trials that have a measurement, in the order of the trial numbers."""
        return [trial for trial in self.trials if trial.best]

    def top(self, count: int) -> list[TrialHistory]:
        """Return the best trials, best first."""
        return sorted(self.measured, key=self._rank)[:count]

    def _rank(self, trial: TrialHistory) -> float:
        assert trial.value is not None, "a measured trial has a value"
        return self.plan.objective.minimised(trial.value)


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
        self._trials: list[TrialHistory] = []

    def entries(self) -> Iterator[Entry]:
        """Yield each entry that was not read yet, after adding it to the history."""
        for entry in self.reader.entries():
            self.add(entry)
            yield entry

    def add(self, entry: Entry) -> None:
        """Add an entry to the history."""
        self.sessions.add(entry)
        if isinstance(entry, EventEntry):
            self._add(entry)

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
        )

    def _add(self, entry: EventEntry) -> None:
        event = entry.event
        if isinstance(event, Opened):
            self._open(event, entry.time)
            return
        trial = self._trials[event.trial.number]
        evaluation = trial.evaluations[-1]
        match event:
            case Started(attempt=attempt):
                evaluation.state, evaluation.attempt = TrialState.RUNNING, attempt
                trial.attempts = attempt
                # Keep the first start, because the duration of a trial includes its retries.
                trial.started = trial.started or entry.time
            case Reported(continued=continued):
                evaluation.continued = continued
            case Retried(failure=failure):
                # The next attempt may start over although this attempt continued from a
                # checkpoint, or vice versa.
                evaluation.state, evaluation.continued = TrialState.DUE, None
                trial.failure = failure
            case Measured():
                _end(trial, event, TrialState.MEASURED, entry.time)
                self._measure(trial, event)
            case Stopped(reason=reason):
                _end(trial, event, TrialState.STOPPED, entry.time)
                trial.reason = reason
            case Failed(failure=failure):
                _end(trial, event, TrialState.FAILED, entry.time)
                trial.failure = failure
            case Lost(failure=failure):
                _end(trial, event, TrialState.LOST, entry.time)
                trial.failure = failure

    def _open(self, event: Opened, time: float) -> None:
        match event.suggestion:
            case Start(assignment, parent=parent):
                trial = TrialHistory(event.trial.number, time, dumps(assignment))
                self._trials.append(trial)
                inherited_budget = self._budget_of(parent)
            case _:
                trial = self._trials[event.trial.number]
                inherited_budget = trial.budget or 0.0
        # A promoted trial no longer counts as ended.
        trial.ended = None
        trial.evaluations.append(Evaluation(event.trial.budget, inherited_budget))

    def _budget_of(self, parent: CheckpointRef | None) -> float:
        """Return the budget that was spent on a parent's checkpoint; 0 if there is no parent."""
        if parent is None:
            return 0.0
        # The attempts of a trial are numbered across all its evaluations, so the number of an
        # attempt identifies the evaluation.
        evaluations = self._trials[parent.trial].evaluations
        return next((e.budget or 0.0 for e in evaluations if e.attempt == parent.attempt), 0.0)

    def _measure(self, trial: TrialHistory, event: Measured) -> None:
        # Events contain the minimised objective, and the history contains the metric. `minimised`
        # is its own inverse and converts in both directions.
        evaluation, minimised = trial.evaluations[-1], self.sessions.plan.objective.minimised
        evaluation.value, evaluation.metrics_json = minimised(event.value), dumps(event.metrics)
        trial.failure = None
        # Require a strictly better value, so that the earliest of several equal measurements stays
        # the best.
        if trial.value is None or event.value < minimised(trial.value):
            trial.best = evaluation


def _end(
    trial: TrialHistory,
    event: Measured | Stopped | Failed | Lost,
    state: TrialState,
    time: float,
) -> None:
    evaluation = trial.evaluations[-1]
    evaluation.state, evaluation.attempt = state, event.attempt
    trial.ended, trial.attempts = time, event.attempt

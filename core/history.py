"""The history: what a journal tells of a sweep, trial by trial, for tables and exports."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sweepwright.events import Assignment, Failure, FailureKind, Json

from .ir import Plan, Selected, read_limits
from .journal import JournalReader, Row, driver_of
from .trial_states import TrialState

SESSION = "session"
"""Kind of the row a driver begins with; the body holds the limits it runs under."""
CLOSED = "closed"
"""Kind of the row a driver ends with; the body holds state and reason."""
LATE = "late"
"""Kind of a row about a superseded attempt, which changes nothing."""


@dataclass(slots=True)
class TrialRecord:
    """What became of a trial; a few hundred bytes, so that a sweep of any length is readable.

    The rows that hold its assignment and its metrics are kept as they stand in the journal,
    and read on demand.
    """

    number: int
    opened: float
    """Unix seconds, like the other times."""
    budget: float | None = None
    state: TrialState = TrialState.DUE
    value: float | None = None
    """The objective, as the metric was reported."""
    attempts: int = 0
    failure: Failure | None = None
    reason: str = ""
    """Why an assessor stopped it."""
    started: float | None = None
    ended: float | None = None
    started_as: str = ""
    """Body of the row that opened it."""
    measured_as: str = ""
    """Body of the row with its last measurement, empty without one."""

    @property
    def assignment(self) -> Assignment:
        """Parameter values, nested as the trial received them."""
        values: Assignment = json.loads(self.started_as)["assignment"]
        return values

    @property
    def metrics(self) -> Mapping[str, Any]:
        """All metrics of the final report, as the trial gave them."""
        return json.loads(self.measured_as)["metrics"] if self.measured_as else {}


@dataclass(frozen=True, slots=True)
class History:
    """All that happened in a sweep so far."""

    sweep: str
    folder: Path
    plan: Plan
    created: float
    ended: float | None
    state: str
    """``running``, ``done``, ``failed`` or ``interrupted``."""
    reason: str
    trials: list[TrialRecord]

    @property
    def best(self) -> TrialRecord | None:
        """The trial with the best measurement, the earliest of equals."""
        return min(self.measured, key=self._rank, default=None)

    @property
    def measured(self) -> list[TrialRecord]:
        """The trials that have a measurement, in the order of their numbers."""
        return [trial for trial in self.trials if trial.state is TrialState.MEASURED]

    def top(self, count: int) -> list[TrialRecord]:
        """Return the best trials, best first."""
        return sorted(self.measured, key=self._rank)[:count]

    def _rank(self, trial: TrialRecord) -> float:
        assert trial.value is not None, "a measured trial has a value"
        return self.plan.objective.minimised(trial.value)


def read_history(folder: Path) -> History:
    """Read a sweep's journal, at any time, beside its driver or after it.

    Raises
    ------
    StoreError
        When the journal cannot be read.
    """
    reader = JournalReader(folder)
    try:
        return _Reading(reader).history
    finally:
        reader.close()


class _Reading:
    """One pass over the rows of a journal."""

    def __init__(self, reader: JournalReader) -> None:
        self.plan = reader.plan
        self.trials: list[TrialRecord] = []
        self.state, self.reason = "", ""
        self.ended: float | None = None
        for row in reader.rows():
            self._read(row, json.loads(row.body))
        driven = driver_of(reader.folder)
        state = self.state or ("running" if driven else "interrupted")
        reason = self.reason or ("" if driven else "its driver ended without a word")
        folder = reader.folder
        self.history = History(
            folder.name, folder, self.plan, reader.created, self.ended, state, reason, self.trials
        )

    def _read(self, row: Row, body: Json) -> None:
        if row.kind == SESSION:
            self.plan = with_limits(self.plan, body)
            self.state, self.reason, self.ended = "", "", None
        elif row.kind == CLOSED:
            self.state, self.reason, self.ended = body["state"], body["reason"], row.time
        elif row.trial is not None:
            self._read_trial(row, body)

    def _read_trial(self, row: Row, body: Json) -> None:
        if row.kind == "opened" and "promote" not in body:
            self.trials.append(TrialRecord(len(self.trials), row.time, started_as=row.body))
        trial = self.trials[row.trial or 0]
        match row.kind:
            case "opened":
                trial.state, trial.ended = TrialState.DUE, None
                trial.budget = body.get("budget")
            case "started":
                trial.state, trial.attempts = TrialState.RUNNING, row.attempt or 1
                trial.started = trial.started or row.time
            case "retried":
                trial.state = TrialState.DUE
                trial.failure = _failure(body)
            case "measured":
                self._end(trial, row, TrialState.MEASURED)
                trial.value = self.plan.objective.minimised(body["value"])
                trial.measured_as, trial.failure = row.body, None
            case "stopped":
                self._end(trial, row, TrialState.STOPPED)
                trial.reason = body["reason"]
            case "failed" | "lost":
                self._end(trial, row, TrialState(row.kind))
                trial.failure = _failure(body)

    @staticmethod
    def _end(trial: TrialRecord, row: Row, state: TrialState) -> None:
        trial.state, trial.ended, trial.attempts = state, row.time, row.attempt or 1


def current_plan(reader: JournalReader) -> Plan:
    """Return a sweep's plan under the limits of its last driver."""
    sessions = reader.bodies(SESSION)
    return with_limits(reader.plan, sessions[-1]) if sessions else reader.plan


def most_concurrent(reader: JournalReader) -> int:
    """Return the largest concurrency that any driver of the sweep had; 0 when it had none."""
    limits = (read_limits(session["limits"]) for session in reader.bodies(SESSION))
    return max((each.concurrency for each in limits), default=0)


def with_limits(plan: Plan, body: Json) -> Plan:
    """Return a plan under the limits and on the platform that a session row names."""
    return replace(plan, limits=read_limits(body["limits"]), platform=Selected(**body["platform"]))


def _failure(body: Json) -> Failure:
    failure = body["failure"]
    return Failure(FailureKind(failure["kind"]), failure["message"])

"""The history: what a journal tells of a sweep, trial by trial, for tables and exports."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sweepwright.events import Assignment, Failure, FailureKind, Json

from ..plan.plan import Plan, Selection
from ..plan.plan_json import read_limits
from ..plan.trial_state import TrialState
from .journal import JournalReader, Row, driver_of

SESSION = "session"
"""Kind of the row a driver begins with; the body holds the limits it runs under."""
CLOSED = "closed"
"""Kind of the row a driver ends with; the body holds state and reason."""
LATE = "late"
"""Kind of a row about a superseded attempt, which changes nothing."""


@dataclass(slots=True)
class Step:
    """What became of a trial at one budget; one without budgets has a single step."""

    budget: float | None = None
    inherited: float = 0.0
    """The budget that was spent on the checkpoint it inherits, 0 when it inherits none."""
    state: TrialState = TrialState.DUE
    attempt: int = 0
    """The last attempt at it."""
    continued: bool | None = None
    """Whether that attempt took up what it inherits; None as long as it reported nothing."""
    value: float | None = None
    """Its measurement, as the metric was reported."""
    measured_as: str = ""
    """Body of the row with the measurement, empty without one."""


@dataclass(slots=True)
class TrialRecord:
    """What became of a trial; a few hundred bytes, so that a sweep of any length is readable.

    The rows that hold its assignment and its metrics are kept as they stand in the journal,
    and read on demand.
    """

    number: int
    opened: float
    """Unix seconds, like the other times."""
    steps: list[Step] = field(default_factory=list)
    """From one budget to the next."""
    best: Step | None = None
    """The step with its best measurement, the earliest of equals."""
    attempts: int = 0
    failure: Failure | None = None
    reason: str = ""
    """Why an assessor stopped it."""
    started: float | None = None
    ended: float | None = None
    started_as: str = ""
    """Body of the row that opened it."""

    @property
    def state(self) -> TrialState:
        """Where it stands."""
        return self.steps[-1].state

    @property
    def budget(self) -> float | None:
        """The largest budget it was opened for."""
        return self.steps[-1].budget

    @property
    def value(self) -> float | None:
        """Its best measurement, as the metric was reported."""
        return self.best.value if self.best else None

    @property
    def assignment(self) -> Assignment:
        """Parameter values, nested as the trial received them."""
        values: Assignment = json.loads(self.started_as)["assignment"]
        return values

    @property
    def metrics(self) -> Mapping[str, Any]:
        """All metrics reported with the best measurement, as the trial gave them."""
        return json.loads(self.best.measured_as)["metrics"] if self.best else {}


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
        return [trial for trial in self.trials if trial.best]

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
        if row.kind == "opened":
            self._open(row, body)
        trial = self.trials[row.trial or 0]
        step = trial.steps[-1]
        match row.kind:
            case "started":
                step.state, step.attempt = TrialState.RUNNING, row.attempt or 1
                trial.attempts = step.attempt
                trial.started = trial.started or row.time
            case "reported":
                step.continued = body.get("continued", False)
            case "retried":
                step.state, step.continued = TrialState.DUE, None
                trial.failure = _failure(body)
            case "measured":
                self._end(trial, row, TrialState.MEASURED)
                self._measure(trial, row, body)
            case "stopped":
                self._end(trial, row, TrialState.STOPPED)
                trial.reason = body["reason"]
            case "failed" | "lost":
                self._end(trial, row, TrialState(row.kind))
                trial.failure = _failure(body)

    def _open(self, row: Row, body: Json) -> None:
        if "promote" not in body:
            self.trials.append(TrialRecord(len(self.trials), row.time, started_as=row.body))
        trial = self.trials[row.trial or 0]
        trial.ended = None
        inherited = (trial.budget or 0.0) if trial.steps else self._inherited(body.get("parent"))
        trial.steps.append(Step(body.get("budget"), inherited))

    def _inherited(self, parent: Json) -> float:
        """Tell what was spent on the checkpoint of a parent; 0 without one."""
        if parent is None:
            return 0.0
        steps = self.trials[parent["trial"]].steps
        return next((s.budget or 0.0 for s in steps if s.attempt == parent["attempt"]), 0.0)

    def _measure(self, trial: TrialRecord, row: Row, body: Json) -> None:
        step, minimised = trial.steps[-1], self.plan.objective.minimised
        step.value, step.measured_as = minimised(body["value"]), row.body
        trial.failure = None
        if trial.value is None or body["value"] < minimised(trial.value):
            trial.best = step

    @staticmethod
    def _end(trial: TrialRecord, row: Row, state: TrialState) -> None:
        step = trial.steps[-1]
        step.state, step.attempt = state, row.attempt or 1
        trial.ended, trial.attempts = row.time, step.attempt


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
    return replace(
        plan, limits=read_limits(body["limits"]), platform=Selection(**body["platform"])
    )


def _failure(body: Json) -> Failure:
    failure = body["failure"]
    return Failure(FailureKind(failure["kind"]), failure["message"])

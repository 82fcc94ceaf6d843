"""A trial that is due or running, and the rules for its reports."""

from bisect import insort
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sweepwright.contracts import Role
from sweepwright.events import (
    CheckpointRef,
    Failed,
    Failure,
    FailureKind,
    Json,
    Lost,
    Measured,
    Reported,
    Retried,
    Trial,
)
from sweepwright.jobs import machines_of
from sweepwright.protocol import TrialLine, finite

from ..plan.plan import Objective, Plan
from ..plan.trial_state import TrialState
from .report_log import ReportLog


@dataclass(slots=True)
class RunningTrial:
    """A trial that is due, or whose current attempt is running.

    The field `reports` and all fields below it describe the current attempt. `restart` resets
    them.
    """

    trial: Trial
    suggestion_index: int
    """Index of the suggestion that opened or promoted the trial, counted from 0."""
    attempt: int
    inherits: CheckpointRef | None
    reason: str = ""
    """Why the tuner suggested the trial, if it said so."""
    state: TrialState = TrialState.DUE
    failures: Counter[FailureKind] = field(default_factory=Counter)
    """Number of failed attempts that used up a retry, by failure class."""
    inherited_curve: Sequence[float] = ()
    """Values that were reported on lower rungs, up to the checkpoint that the trial inherits."""
    reports: list[Reported] = field(default_factory=list)
    """Intermediate reports that were kept, in order."""
    curve: list[float] = field(default_factory=list)
    """Reported values in order. If the attempt continues from its inherited checkpoint,
    `inherited_curve` comes first."""
    log: ReportLog = field(default_factory=ReportLog)
    final: Reported | None = None
    """The last final result."""
    handle: Json = None
    cursor: Json = None
    """Position in the attempt's log up to which the platform has read."""
    waiting_for: str | None = None
    """Resource that the platform needs before it can start or finish the attempt."""

    def read(self, line: TrialLine, plan: Plan) -> Reported | None:
        """Turn a line of the trial's log into a report.

        Returns
        -------
        Reported or None
            None if the line belongs to another attempt, was read before, comes from a process that
            does not report, or is not kept.
        """
        if line.attempt != self.attempt or not is_reporting_process(line, plan.code.roles):
            return None
        if self.log.has(line):
            return None
        if self.log.keeps(line, plan.reports_kept):
            metrics = line.metrics
            if not line.final:
                metrics = self.log.shorten(metrics, plan.objective.metric)
            report = self._report(line, metrics, plan.objective)
            self.log.add(report, line.role, line.process, line.sequence)
            return report
        if line.final:
            # The journal stores it as a part of the measurement.
            self.final = self._report(line, line.metrics, plan.objective)
        self.log.drop(line)
        return None

    def _report(
        self, line: TrialLine, metrics: Mapping[str, Any], objective: Objective
    ) -> Reported:
        # NaN and infinity count as no value, because tuners compare values, and JSON can represent
        # neither NaN nor infinity.
        value = finite(metrics.get(objective.metric))
        return Reported(
            trial=self.trial,
            value=None if value is None else objective.minimised(value),
            attempt=self.attempt,
            sequence=self.log.number(line),
            metrics=metrics,
            final=line.final,
            continued=line.continued,
        )

    def note(self, report: Reported) -> None:
        """Add a report of the current attempt."""
        if report.final:
            self.final = report
            return
        # Lines of one process may arrive out of order. Insert them in the right place, and rebuild
        # the curve after a late line. Usually a line can be appended, which takes constant time
        # even for a long curve.
        late = bool(self.reports) and report.sequence < self.reports[-1].sequence
        insort(self.reports, report, key=lambda other: other.sequence)
        if late or len(self.reports) == 1:
            inherited = self.inherited_curve if report.continued else ()
            self.curve = [*inherited, *_values(self.reports)]
        elif report.value is not None:
            self.curve.append(report.value)

    @property
    def machines(self) -> str:
        """The machines on which the attempt runs, as far as the platform names any."""
        return ", ".join(machines_of(self.handle))

    def end(self, failure: Failure | None, plan: Plan) -> Measured | Failed | Lost | Retried:
        """Decide what follows from the end of the current attempt, which may have failed."""
        fault = failure or final_report_fault(self.final, plan.objective)
        if fault is None and self.final and self.final.value is not None:
            return Measured(self.trial, self.final.value, self.attempt, self.final.metrics)
        assert fault is not None, "an end without a measurement is a failure"
        if self.failures[fault.kind] < plan.limits.retries.get(fault.kind, 0):
            return Retried(self.trial, fault, self.attempt)
        if fault.kind is FailureKind.LOST:
            return Lost(self.trial, fault, self.attempt)
        return Failed(self.trial, fault, self.attempt)

    def restart(self) -> None:
        """Begin the next attempt, and discard the reports of the current attempt."""
        self.attempt += 1
        self.reports, self.curve, self.log = [], [], ReportLog()
        self.final = self.handle = self.cursor = self.waiting_for = None


def _values(reports: Iterable[Reported]) -> Iterator[float]:
    return (report.value for report in reports if report.value is not None)


def is_reporting_process(line: TrialLine, roles: Sequence[Role]) -> bool:
    """Tell whether a line comes from rank 0 of a role that reports.

    A distributed trial has one result, so lines of its other processes are ignored.
    """
    silent = (role.name for role in roles if not role.reports)
    return line.rank == 0 and line.role not in silent


def final_report_fault(final: Reported | None, objective: Objective) -> Failure | None:
    """Explain why an attempt that exited normally has no measurement; None if there is one."""
    if final is None:
        return Failure(FailureKind.METRIC, "no final result reported")
    name = objective.metric
    if name not in final.metrics:
        reported = ", ".join(f"`{metric}`" for metric in final.metrics) or "nothing"
        message = f"the final result reports {reported}, not `{name}`; set objective.metric"
        return Failure(FailureKind.METRIC, message)
    if final.value is None:
        return Failure(FailureKind.METRIC, "metric not finite")
    return None

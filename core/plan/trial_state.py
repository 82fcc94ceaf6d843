"""The states of a trial, the table of what leads from one to another, and a trial under way."""

from bisect import insort
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from sweepwright.events import (
    CheckpointRef,
    Failed,
    FailureKind,
    Json,
    Lost,
    Measured,
    Opened,
    Reported,
    Retried,
    Started,
    Stopped,
    StudyEvent,
    Trial,
)


class TrialState(StrEnum):
    """Where a trial stands."""

    DUE = "due"
    RUNNING = "running"
    MEASURED = "measured"
    STOPPED = "stopped"
    FAILED = "failed"
    LOST = "lost"


TRANSITIONS: Mapping[tuple[TrialState | None, type[StudyEvent]], TrialState] = MappingProxyType(
    {
        (None, Opened): TrialState.DUE,
        (TrialState.MEASURED, Opened): TrialState.DUE,
        (TrialState.DUE, Started): TrialState.RUNNING,
        (TrialState.DUE, Retried): TrialState.DUE,
        (TrialState.DUE, Failed): TrialState.FAILED,
        (TrialState.DUE, Lost): TrialState.LOST,
        (TrialState.RUNNING, Reported): TrialState.RUNNING,
        (TrialState.RUNNING, Measured): TrialState.MEASURED,
        (TrialState.RUNNING, Stopped): TrialState.STOPPED,
        (TrialState.RUNNING, Retried): TrialState.DUE,
        (TrialState.RUNNING, Failed): TrialState.FAILED,
        (TrialState.RUNNING, Lost): TrialState.LOST,
    }
)
"""The state a trial is in after an event; a pair that is not here cannot happen."""


@dataclass(slots=True)
class RunningTrial:
    """A trial under way: due, or running its current attempt."""

    trial: Trial
    index: int
    """Which suggestion it carries out, counted from 0."""
    attempt: int
    inherits: CheckpointRef | None
    state: TrialState = TrialState.DUE
    failures: Counter[FailureKind] = field(default_factory=Counter)
    reports: list[Reported] = field(default_factory=list)
    """Reports of the current attempt, thinned, in the order in which they were sent."""
    before: Sequence[float] = ()
    """Values that the trial reported before, as far as the checkpoint it inherits."""
    curve: list[float] = field(default_factory=list)
    """Values that it reported, one a step, those before among them if it went on from there."""
    seen: set[int] = field(default_factory=set)
    """Sequence numbers of those reports: a log may be read twice."""
    dropped: int = 0
    """Reports of the current attempt that were thinned out."""
    final: Reported | None = None
    handle: Json = None
    cursor: Json = None
    """How far the platform had read the attempt's log."""
    wants: str | None = None
    """What the platform waits for before it can start the attempt."""

    def note(self, report: Reported) -> None:
        """Take in a report of the current attempt, and add to the curve what it adds."""
        self.seen.add(report.sequence)
        if report.final:
            self.final = report
            return
        late = bool(self.reports) and report.sequence < self.reports[-1].sequence
        insort(self.reports, report, key=lambda other: other.sequence)
        if late or len(self.reports) == 1:
            self.curve = [*(self.before if report.continued else ()), *_values(self.reports)]
        elif report.value is not None:
            self.curve.append(report.value)

    def restart(self) -> None:
        """Forget what the current attempt reported, and begin the next."""
        self.attempt += 1
        self.reports, self.seen, self.dropped, self.curve = [], set(), 0, []
        self.final = self.handle = self.cursor = self.wants = None


def _values(reports: Iterable[Reported]) -> Iterator[float]:
    return (report.value for report in reports if report.value is not None)

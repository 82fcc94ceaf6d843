"""A running trial, and the rules for its reports: which to keep, and which results are valid."""

from bisect import insort
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sweepwright.contracts import Role
from sweepwright.events import CheckpointRef, Failure, FailureKind, Json, Reported, Trial
from sweepwright.protocol import TrialLine

from ..plan.plan import Objective
from ..plan.trial_state import TrialState


@dataclass(slots=True)
class RunningTrial:
    """A trial under way: due, or running its current attempt."""

    trial: Trial
    suggestion_index: int
    """Which suggestion it carries out, counted from 0."""
    attempt: int
    inherits: CheckpointRef | None
    state: TrialState = TrialState.DUE
    failures: Counter[FailureKind] = field(default_factory=Counter)
    reports: list[Reported] = field(default_factory=list)
    """Reports of the current attempt, thinned, in the order in which they were sent."""
    inherited_curve: Sequence[float] = ()
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
    waiting_for: str | None = None
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
            self.curve = [
                *(self.inherited_curve if report.continued else ()),
                *_values(self.reports),
            ]
        elif report.value is not None:
            self.curve.append(report.value)

    def restart(self) -> None:
        """Forget what the current attempt reported, and begin the next."""
        self.attempt += 1
        self.reports, self.seen, self.dropped, self.curve = [], set(), 0, []
        self.final = self.handle = self.cursor = self.waiting_for = None


def _values(reports: Iterable[Reported]) -> Iterator[float]:
    return (report.value for report in reports if report.value is not None)


def should_keep(sequence: int, limit: int) -> bool:
    """Tell whether a report is kept: all up to the limit, then half as many each octave."""
    if sequence < limit:
        return True
    stride = 1 << (sequence // max(1, limit)).bit_length()
    return sequence % stride == 0


def is_reporting_process(line: TrialLine, roles: Sequence[Role]) -> bool:
    """Tell whether a line is of the process that reports, whatever the others may send."""
    silent = (role.name for role in roles if not role.reports)
    return line.rank == 0 and line.role not in silent


def final_report_fault(final: Reported | None, objective: Objective) -> Failure | None:
    """Find fault with the final report of an attempt that ended well."""
    if final is None:
        return Failure(FailureKind.METRIC, "no final result reported")
    name = objective.metric
    if name not in final.metrics:
        has = ", ".join(f"`{metric}`" for metric in final.metrics) or "nothing"
        what = f"the final result has no `{name}`, it has {has}; choose by objective.metric"
        return Failure(FailureKind.METRIC, what)
    if final.value is None:
        return Failure(FailureKind.METRIC, "metric not finite")
    return None

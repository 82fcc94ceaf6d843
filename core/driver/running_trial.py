"""A trial that is due or running, and the rules for its reports."""

from bisect import insort
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sweepwright.contracts import Role
from sweepwright.events import CheckpointRef, Failure, FailureKind, Json, Reported, Trial
from sweepwright.protocol import TrialLine, finite

from ..plan.plan import Objective, Plan
from ..plan.trial_state import TrialState


@dataclass(slots=True)
class RunningTrial:
    """A trial that is due, or running its current attempt.

    Everything from `reports` on belongs to the current attempt, and `restart` clears it.
    """

    trial: Trial
    suggestion_index: int
    """The number of the suggestion that it carries out, counted from 0."""
    attempt: int
    inherits: CheckpointRef | None
    state: TrialState = TrialState.DUE
    failures: Counter[FailureKind] = field(default_factory=Counter)
    """Failed attempts that used up a retry, by class."""
    inherited_curve: Sequence[float] = ()
    """Values that the trial reported on lower rungs, up to the checkpoint that it inherits."""
    reports: list[Reported] = field(default_factory=list)
    """Intermediate reports that were kept, in the order in which the trial sent them."""
    curve: list[float] = field(default_factory=list)
    """Reported values in order, preceded by `inherited_curve` if the attempt continues it."""
    seen: set[int] = field(default_factory=set)
    """Sequence numbers of the reports that were kept: a platform may read a log twice."""
    dropped: int = 0
    """The number of reports that `should_keep` thinned out."""
    final: Reported | None = None
    handle: Json = None
    cursor: Json = None
    """How far the platform had read the attempt's log."""
    waiting_for: str | None = None
    """What the platform needs before it can start the attempt."""

    def read(self, line: TrialLine, plan: Plan) -> Reported | None:
        """Turn a line of the trial's log into a report.

        None when the line belongs to another attempt, was read before, comes from a process that
        does not report, or is thinned out.
        """
        if line.attempt != self.attempt or line.sequence in self.seen:
            return None
        if not is_reporting_process(line, plan.code.roles):
            return None
        if not line.final and not should_keep(line.sequence, plan.reports_kept):
            self.dropped += 1
            return None
        # NaN and infinity count as no value: tuners compare values, and JSON cannot hold them.
        value = finite(line.metrics.get(plan.objective.metric))
        return Reported(
            trial=self.trial,
            value=None if value is None else plan.objective.minimised(value),
            attempt=self.attempt,
            sequence=line.sequence,
            metrics=line.metrics,
            final=line.final,
            continued=line.continued,
        )

    def note(self, report: Reported) -> None:
        """Add a report of the current attempt."""
        self.seen.add(report.sequence)
        if report.final:
            self.final = report
            return
        # Lines of one log may arrive out of order: sort them in, and rebuild the curve if one
        # was late. Appending is the common case, and keeps a long curve linear.
        late = bool(self.reports) and report.sequence < self.reports[-1].sequence
        insort(self.reports, report, key=lambda other: other.sequence)
        if late or len(self.reports) == 1:
            inherited = self.inherited_curve if report.continued else ()
            self.curve = [*inherited, *_values(self.reports)]
        elif report.value is not None:
            self.curve.append(report.value)

    def restart(self) -> None:
        """Begin the next attempt, without the reports of the current one."""
        self.attempt += 1
        self.reports, self.seen, self.dropped, self.curve = [], set(), 0, []
        self.final = self.handle = self.cursor = self.waiting_for = None


def _values(reports: Iterable[Reported]) -> Iterator[float]:
    return (report.value for report in reports if report.value is not None)


def should_keep(sequence: int, limit: int) -> bool:
    """Decide whether to keep the report with this sequence number.

    All reports below the limit are kept. From there on the stride between kept reports doubles
    whenever the sequence number doubles, so that each octave adds about ``limit / 2`` reports and
    their number grows with the logarithm of the length. For a limit of 4::

        sequence    0-3   4-7   8-15   16-31   32-63
        stride        1     2      4       8      16
        kept        all   4 6   8 12   16 24   32 48

    The decision depends on the sequence number alone, so that a log that is read twice or out of
    order is thinned in the same way.
    """
    if sequence < limit:
        return True
    stride = 1 << (sequence // max(1, limit)).bit_length()
    return sequence % stride == 0


def is_reporting_process(line: TrialLine, roles: Sequence[Role]) -> bool:
    """Tell whether a line comes from rank 0 of a role that reports.

    A distributed trial has one result. Lines of its other processes are ignored.
    """
    silent = (role.name for role in roles if not role.reports)
    return line.rank == 0 and line.role not in silent


def final_report_fault(final: Reported | None, objective: Objective) -> Failure | None:
    """Explain why an attempt that ended well has no measurement; None when it has one."""
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

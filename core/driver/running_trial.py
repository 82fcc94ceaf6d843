"""What is kept of a trial's reports, and what may be wrong with the last of them."""

from collections.abc import Sequence

from sweepwright.contracts import Role
from sweepwright.events import Failure, FailureKind, Reported
from sweepwright.protocol import TrialLine

from ..plan.plan import Objective


def kept(sequence: int, limit: int) -> bool:
    """Tell whether a report is kept: all up to the limit, then half as many each octave."""
    if sequence < limit:
        return True
    stride = 1 << (sequence // max(1, limit)).bit_length()
    return sequence % stride == 0


def speaks(line: TrialLine, roles: Sequence[Role]) -> bool:
    """Tell whether a line is of the process that reports, whatever the others may send."""
    silent = (role.name for role in roles if not role.reports)
    return line.rank == 0 and line.role not in silent


def fault(final: Reported | None, objective: Objective) -> Failure | None:
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

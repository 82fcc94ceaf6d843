"""Events of a runner's jobs: from JSON to those of the contract."""

from ..contracts import Ended, JobEvent, Launched, Output, Refused, Waiting
from ..events import Failure, FailureKind, Json


def job_event(event: Json, cursor: Json = None) -> JobEvent:
    """Return the event that a runner has written as JSON.

    Parameters
    ----------
    event : JSON
        The event, whose handle is that of the runner.
    cursor : JSON
        The position after the event in the runner's log, if it keeps one.
    """
    match event:
        case {"event": "output", "job": job, "line": line}:
            return Output(job, line, cursor)
        case {"event": "launched", "job": job, "handle": handle}:
            return Launched(job, handle)
        case {"event": "waiting", "job": job, "wants": wants, "refusal": refusal}:
            return Waiting(job, wants, refusal)
        case {"event": "ended", "job": job, "failure": failure}:
            return Ended(
                job, failure and Failure(FailureKind(failure["kind"]), failure["message"])
            )
        case {"event": "refused", "job": job, "reason": reason}:
            return Refused(job, reason)
    raise ValueError(f"a runner reported an unknown event: {event!r}")

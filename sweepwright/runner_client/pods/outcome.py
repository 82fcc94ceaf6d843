"""The outcome of a container's process, in the termination message of its pod."""

from dataclasses import dataclass

from ...events import Failure, FailureKind
from ..far_end_messages import FAILURE
from ..shapes import either, is_count, is_text, optional, parse_object, record

_LONGEST = 1 << 16
_OUTCOME = record(
    sweepwright_ended=either(
        record(failure=optional(FAILURE), records=is_count),
        record(refused=is_text, records=is_count),
    )
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the process of a container has ended."""

    failure: Failure | None
    """Why it failed; None if it succeeded or if the container refused it."""
    refused: str | None
    """Why the container refused the process for good; None if it did not."""
    records: int
    """Number of events in the log of the container; 0 if it is unknown."""


def read_outcome(text: str) -> Outcome | None:
    """Return the outcome in a termination message; None if the text is anything else."""
    if len(text) > _LONGEST:
        return None
    try:
        found = parse_object(text.encode("utf-8", "replace"))
    except ValueError:
        return None
    if not _OUTCOME(found):
        return None
    ended = found["sweepwright_ended"]
    if "refused" in ended:
        return Outcome(None, ended["refused"], ended["records"])
    failure = ended["failure"]
    kind = failure and Failure(FailureKind(failure["kind"]), failure["message"])
    return Outcome(kind, None, ended["records"])

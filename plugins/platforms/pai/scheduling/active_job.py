"""A job of a sweep between its launch and its end."""

from dataclasses import dataclass, field
from enum import Enum

from sweepwright.events import Failure, FailureKind, Json
from sweepwright.runner_client.pods.log_reader import LogReader

from ..names import numbered_name
from ..task_log import TaskLog

CANCELLED = Failure(FailureKind.KILLED, "cancelled")


class Stage(Enum):
    """What a job is doing; a refused submission brings it back to QUEUED."""

    QUEUED = "waits for its submission"
    SENT = "is being submitted"
    ACCEPTED = "is in the list of jobs"
    ENDING = "has ended, and its log is read for the last time"


@dataclass(slots=True, eq=False)
class ActiveJob:
    """A job between its launch and its end.

    Invariants: it is known to OpenPAI under `key` exactly from the stage ACCEPTED on; `log` and
    `reader` are of the first task of `role`, which reports.
    """

    name: str
    trial: int
    attempt: int
    submission: Json
    role: str
    """Name of the task role that reports."""
    output: str
    """Name of the file for what this task prints."""
    since: float
    """Time of its launch, and then of its submission."""
    number: int = 1
    """Number of its submissions, see `numbered_name`."""
    stage: Stage = Stage.QUEUED
    state: str = ""
    """What the list of jobs said last."""
    launched: bool = False
    """Whether the `Launched` event has been reported, by this driver or an earlier one."""
    waits: tuple[str, str] = ("", "")
    """What the last `Waiting` event says that it lacks, and why."""
    cancelled: bool = False
    stopped: bool = False
    """Whether OpenPAI has agreed to stop it."""
    asked: set[str] = field(default_factory=set)
    """Requests about it whose answers have not arrived."""
    awaited: bool = False
    """Whether OpenPAI knows the job although its list does not have it yet."""
    not_before: float = float("-inf")
    """Time before which a submission that was refused is not repeated."""
    detail: Json = None
    """What OpenPAI says about it, once it runs, and again once it has ended."""
    verdict: Failure | None = None
    """Why this platform has stopped it; None if it has not."""
    other_failure: Failure | None = None
    """Why another of its tasks has failed, which ended the job."""
    outcome: Json = None
    """The last event of its agent, once it is read."""
    missing: int = 0
    """Number of lists in a row that did not have it."""
    log: TaskLog | None = None
    reader: LogReader = field(default_factory=LogReader)
    log_at: float = float("-inf")
    """Time of the next look at its log."""
    log_read: bool = False
    """Whether the log was read to its end after the end of the job."""
    other_read: bool = False
    """Whether the log of the task that ended the job was read, if that is another one."""
    log_fault: str = ""
    """Why its log cannot be read, or what it lacks; empty if nothing is wrong."""
    lost_events: int = 0
    """Number of events that its log lacks, such as reports, so that its result is unknown."""
    looks: int = 0
    """Number of times that its log was read after its end."""
    ended: bool = False
    """Whether its end was reported, so that answers that still come mean nothing."""

    @property
    def key(self) -> str:
        """Name of its latest submission in OpenPAI."""
        return numbered_name(self.name, self.number)

    @property
    def body(self) -> Json:
        """What to submit, under the name of this submission."""
        return {**self.submission, "name": self.key}

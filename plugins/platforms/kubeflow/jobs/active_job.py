"""A job of the platform between its launch and its end, and what is known of it."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from sweepwright.contracts import Job
from sweepwright.events import Failure, Json

from ..api.errors import ApiError
from ..api.resources import JOB_KINDS, Resource
from .job_view import JobView
from .pod_view import AttemptKey, Pod
from .start_waits import Wait

_NOT_FOUND = 404


class Stage(Enum):
    """What a job is doing; a job goes through the stages in this order, and may skip some."""

    CREATING = "its object is being created"
    PENDING = "waits until its reporting pod runs"
    RUNNING = "runs"
    DECIDED = "has ended, and its object must still be deleted"
    DELETING = "waits until its pods are gone"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job has ended: the failure, or None after a success."""

    failure: Failure | None


@dataclass(slots=True)
class LogState:
    """How far the log of the reporting pod was read."""

    followed: bool = False
    """Whether a follower was started."""
    position: Json = None
    """Position after the last record that was read; None for the beginning."""
    at: int = 0
    """Number of the last record that was read."""
    text: int = 0
    """Number of bytes of text that were read, or are lost."""
    shift: int = 0
    """Bytes by which the text stands further back in its file, because of what is lost."""
    mid_line: bool = False
    """Whether the last line of the text has no line break."""
    lost: int = 0
    """Number of records that could not be read."""
    word: Json = None
    """The agent's record of the end; None before that."""
    finishing: bool = False
    """Whether the follower knows that the pod has ended."""
    closed: bool = False
    """Whether nothing more will be read."""
    fault: str = ""
    """Why the rest of the log cannot be read; empty if everything was."""
    last_line: str = ""

    @property
    def cursor(self) -> Json:
        """How far the log was read, for `go_on`."""
        return {"log": self.position, "shift": self.shift, "mid_line": self.mid_line}

    def go_on(self, cursor: Json) -> None:
        """Begin after a line that an earlier driver has read."""
        self.position, self.shift = cursor["log"], cursor["shift"]
        self.mid_line = cursor["mid_line"]
        self.at, self.text = self.position["at"], self.position["text"]


@dataclass(slots=True)
class ActiveJob:
    """A job between its launch and its end.

    Invariants: `uid` is set exactly from the stage PENDING on; `outcome` from DECIDED on, and is
    not changed any more. `launched` holds once the event was reported, by this driver or an
    earlier one.
    """

    name: str
    trial: int
    attempt: int
    resource: Resource
    manifest: Json
    role: str
    """Name of the reporting role."""
    pods_wanted: int = 1
    stage: Stage = Stage.CREATING
    since: float = 0.0
    """Time at which the job was launched here."""
    due: float = field(default=float("inf"))
    """Time at which the job must be looked at, even if nothing happens to it."""
    unsure: bool = False
    """Whether a request to create the object was not answered, and may have been granted."""
    created_at: float = 0.0
    """Time at which the object was created, or found, by this driver."""
    uid: str = ""
    view: JobView | None = None
    """The job's object; None if it was not seen yet, or is gone."""
    seen: bool = False
    """Whether the object was seen, or created by this driver."""
    pod: str = ""
    """Uid of the reporting pod; empty before it was seen to run."""
    pods: dict[str, Pod] = field(default_factory=dict)
    """The job's pods by uid, with those that are gone."""
    pods_listed: bool = False
    """Whether the pods that exist are known."""
    log: LogState = field(default_factory=LogState)
    launched: bool = False
    told: Wait | None = None
    """What the last report says that the job waits for; None if it does not wait."""
    check_at: float = 0.0
    """Time at which the object is looked for, if no watch has shown it by then."""
    delete_at: float = float("inf")
    """Time at which the deletion is requested, for the first time or again."""
    deleted_at: float = float("inf")
    """Time at which the deletion was requested first."""
    undeletable: Wait | None = None
    """Why the API server does not grant the deletion."""
    stall: Wait | None = None
    """What the agent says that the job waits for in its pod."""
    explained: bool = False
    """Whether events were listed to explain why the job does not start."""
    withdrawn: Failure | None = None
    """Why the job must end although it has not ended by itself; None if it need not."""
    outcome: Outcome | None = None
    failed_at: float = float("inf")
    """Time at which the first failure was noticed."""
    tailed: set[str] = field(default_factory=set)
    """Uids of the pods, other than the reporting one, the end of whose log was saved."""
    tails: int = 0
    """Number of ends of logs that are still being saved."""
    saved: bool = False
    """Whether the outcome was written to the disk, or need not be."""
    kept: bool = False
    """Whether the object stays, as the option `keep_finished` says."""
    lines: deque[tuple[float, Json, str]] = field(default_factory=deque)
    """Time, cursor and text of the lines that the driver may not have committed yet."""

    @property
    def key(self) -> AttemptKey:
        """The trial and the attempt."""
        return self.trial, self.attempt

    @property
    def object_name(self) -> str:
        """Name of the job's object."""
        return str(self.manifest["metadata"]["name"])

    @property
    def reporting_pod(self) -> Pod | None:
        """The pod that reports: the one that was seen to run, or the newest that will."""
        if self.pod:
            return self.pods.get(self.pod)
        pods = [pod for pod in self.pods.values() if pod.reports]
        return next((pod for pod in reversed(pods) if not pod.gone), None)

    @property
    def other_pods(self) -> Sequence[Pod]:
        """The pods that do not report."""
        return [pod for pod in self.pods.values() if not pod.reports]

    @property
    def pods_over(self) -> bool:
        """Whether no process of a known pod is left."""
        return all(pod.over for pod in self.pods.values())

    def is_gone(self, found: Json, error: ApiError | None) -> bool:
        """Tell from an answer about the job's name whether its object is gone, or replaced."""
        if error is not None:
            return error.status == _NOT_FOUND
        return bool(found["metadata"]["uid"] != self.uid)

    @property
    def handle(self) -> Json:
        """The handle of the job, by which a later driver finds it."""
        pod = self.reporting_pod
        node = pod.node if pod else None
        handle = {"job": self.object_name, "uid": self.uid, "pod": self.pod}
        return {"machine": node, **handle} if node else handle


def active_job(job: Job, manifest: Json) -> ActiveJob:
    """Make the active job of a job whose manifest was rendered."""
    role = next(role for role in job.roles if role.reports)
    pods = sum(role.replicas for role in job.roles)
    kind = JOB_KINDS[manifest["kind"]]
    return ActiveJob(job.name, job.trial, job.attempt, kind, manifest, role.name, pods)

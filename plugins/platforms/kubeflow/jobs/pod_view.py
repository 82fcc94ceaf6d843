"""What the platform reads of a pod object.

A pod's phase says little: a pod whose image cannot be pulled is `Pending`, one that was evicted is
`Failed` without any container's status, and one whose node is gone stays `Running`. What matters
is the state of the one container in which the agent runs.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self, TypeAlias

from sweepwright.events import Json
from sweepwright.runner_client.pods.environment import POD

from ..api.errors import one_line
from ..manifests.kinds import KINDS
from ..manifests.metadata import ATTEMPT, JOB, REPORTS, ROLE, TRIAL

_RANK_LABELS = frozenset(kind.rank_label for kind in KINDS.values() if kind.rank_label)
AttemptKey: TypeAlias = tuple[int, int]
"""Numbers of a trial and of an attempt, which identify a job in its sweep."""


@dataclass(frozen=True, slots=True)
class Exit:
    """How a container has ended."""

    code: int
    reason: str
    """Such as ``Completed``, ``Error`` or ``OOMKilled``."""
    message: str
    """The termination message: that of the agent, if it could write one."""
    finished_at: str
    """Time in the notation of the API, which sorts as text; empty if it is not known."""


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod, as last seen."""

    name: str
    uid: str
    role: str
    rank: int
    reports: bool
    """Whether this is rank 0 of the reporting role."""
    node: str | None
    """Name of the node that the pod was assigned to."""
    phase: str
    container: str
    """Name of the container in which the agent runs."""
    image: str
    running: bool
    """Whether that container runs."""
    exit: Exit | None
    """How that container has ended; None if it has not."""
    restarted: bool
    """Whether it was started again then, as a runtime of a `TrainJob` does."""
    stall: tuple[str, str]
    """Reason and message of what keeps a container from starting, such as ``ErrImagePull``."""
    unscheduled: tuple[str, str]
    """Reason and message of what keeps the pod from being assigned to a node."""
    disruption: str
    """Why the cluster takes the pod away, as one phrase; empty if it does not."""
    fault: tuple[str, str]
    """Reason and message of the pod's own status, such as ``Evicted``."""
    deleting: bool
    gone: bool = False
    """Whether the API server no longer has the pod."""

    @property
    def started(self) -> bool:
        """Whether the container has begun to run."""
        return self.running or self.exit is not None

    @property
    def ended(self) -> bool:
        """Whether the agent has ended, or can no longer start."""
        return self.over or self.exit is not None

    @property
    def over(self) -> bool:
        """Whether no process of the pod is left."""
        left = self.exit is None or self.restarted
        return self.gone or not left or self.phase in ("Succeeded", "Failed")

    def as_gone(self) -> Self:
        """Return the pod as it was last seen, but gone."""
        return replace(self, gone=True, running=False)


def read_pod(pod: Json) -> Pod:
    """Read a pod object of the API."""
    metadata, spec, status = pod["metadata"], pod.get("spec") or {}, pod.get("status") or {}
    role, rank, reports = _member(metadata)
    container = _agent_container(spec)
    now, before = _states(status, container.get("name", ""))
    return Pod(
        name=metadata["name"],
        uid=metadata.get("uid", ""),
        role=role,
        rank=rank,
        reports=reports,
        node=spec.get("nodeName"),
        phase=status.get("phase", ""),
        container=container.get("name", ""),
        image=container.get("image", ""),
        running="running" in now and "terminated" not in before,
        exit=_exit(before.get("terminated") or now.get("terminated")),
        restarted="terminated" in before,
        stall=_stall(status),
        unscheduled=_unscheduled(status),
        disruption=_disruption(status),
        fault=(status.get("reason") or "", one_line(status.get("message") or "")),
        deleting="deletionTimestamp" in metadata,
    )


def attempt_of(found: Json) -> AttemptKey | None:
    """Return the trial and the attempt that an object of the sweep was made for."""
    labels = found["metadata"].get("labels") or {}
    try:
        return int(labels[TRIAL]), int(labels[ATTEMPT])
    except (KeyError, ValueError):
        return None


def owner_job(pod: Json) -> str:
    """Return the name of the sweepwright job that an object was made for; empty if of none."""
    annotations = pod["metadata"].get("annotations") or {}
    return str(annotations.get(JOB, ""))


def _member(metadata: Json) -> tuple[str, int, bool]:
    """Return the role of a pod, its rank, and whether it reports."""
    labels, annotations = metadata.get("labels") or {}, metadata.get("annotations") or {}
    numbers = ((labels.get(key), annotations.get(key)) for key in _RANK_LABELS)
    number = str(next((text for both in numbers for text in both if text), ""))
    rank = int(number) if number.isdecimal() else 0
    return labels.get(ROLE, ""), rank, rank == 0 and labels.get(REPORTS) == "true"


def _agent_container(spec: Json) -> Json:
    """Find the container of the agent; others are sidecars, which the cluster may have added."""
    containers = spec.get("containers") or [{}]
    for container in containers:
        if any(each.get("name") == POD for each in container.get("env") or []):
            return container
    return containers[0]


def _states(status: Json, container: str) -> tuple[Json, Json]:
    """Return the state of the container, and the one before it, each under its name."""
    for each in status.get("containerStatuses") or []:
        if each.get("name") == container:
            return each.get("state") or {}, each.get("lastState") or {}
    return {}, {}


def _exit(terminated: Json) -> Exit | None:
    if terminated is None:
        return None
    return Exit(
        terminated.get("exitCode", 0),
        terminated.get("reason") or "",
        terminated.get("message") or "",
        terminated.get("finishedAt") or "",
    )


def _stall(status: Json) -> tuple[str, str]:
    """Return what keeps the first of the containers that do not start from doing so."""
    containers = [
        *(status.get("initContainerStatuses") or []),
        *(status.get("containerStatuses") or []),
    ]
    for each in containers:
        waiting = (each.get("state") or {}).get("waiting") or {}
        if waiting.get("reason") and waiting["reason"] != "PodInitializing":
            return waiting["reason"], one_line(waiting.get("message") or "")
    return "", ""


def _unscheduled(status: Json) -> tuple[str, str]:
    for condition in _conditions(status, "PodScheduled"):
        if condition.get("status") == "False":
            return condition.get("reason") or "", one_line(condition.get("message") or "")
    return "", ""


def _disruption(status: Json) -> str:
    for condition in _conditions(status, "DisruptionTarget"):
        if condition.get("status") == "True":
            return _join(condition.get("reason"), condition.get("message"))
    return ""


def _conditions(status: Json, kind: str) -> Iterable[Json]:
    return (each for each in status.get("conditions") or [] if each.get("type") == kind)


def _join(reason: str | None, message: str | None) -> str:
    return ": ".join(one_line(text) for text in (reason, message) if text)

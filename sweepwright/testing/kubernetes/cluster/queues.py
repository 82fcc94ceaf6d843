"""Queues as Kueue has them: a job with a queue's label stays suspended until it is admitted."""

from collections.abc import Mapping

from ..store.resources import JOBS, PYTORCH_JOBS, TF_JOBS, TRAIN_JOBS, JsonObject, Resource
from .controller_client import ControllerClient
from .times import is_true

QUEUE_LABEL = "kueue.x-k8s.io/queue-name"
KINDS = (JOBS, PYTORCH_JOBS, TF_JOBS, TRAIN_JOBS)
_COMPONENT = "kueue"


def suspend_queued(operation: str, resource: Resource, _namespace: str, found: JsonObject) -> None:
    """Suspend a new job that has the label of a queue, as the webhook of Kueue does."""
    if operation == "CREATE" and resource in KINDS and _queue_of(found):
        set_suspended(resource, found, suspended=True)


def set_suspended(resource: Resource, job: JsonObject, *, suspended: bool) -> None:
    """Suspend or resume a job, in place."""
    spec = job["spec"]
    if resource in {PYTORCH_JOBS, TF_JOBS}:
        spec = spec.setdefault("runPolicy", {})
    spec["suspend"] = suspended


def is_suspended(resource: Resource, job: JsonObject) -> bool:
    """Tell whether a job is suspended by its spec."""
    spec = job["spec"]
    if resource in {PYTORCH_JOBS, TF_JOBS}:
        spec = spec.get("runPolicy") or {}
    return bool(spec.get("suspend"))


class Queues:
    """Admits the jobs of each queue in the order of their creation, as many as have room."""

    def __init__(self, client: ControllerClient, room: Mapping[str, int]) -> None:
        self._client = client
        self._room = dict(room)

    def set_room(self, queue: str, jobs: int) -> None:
        """Let a queue admit so many jobs at a time; those that run already go on."""
        self._room[queue] = jobs
        self.admit()

    def admit(self) -> None:
        """Admit what has room."""
        for queue, room in self._room.items():
            jobs = [(kind, job) for kind in KINDS for job in self._client.view.all(kind)]
            queued = [(kind, job) for kind, job in jobs if _queue_of(job) == queue]
            unfinished = [each for each in queued if not _is_finished(each[1])]
            waiting = [each for each in unfinished if is_suspended(*each)]
            free = room - (len(unfinished) - len(waiting))
            waiting.sort(key=lambda each: _age(each[1]))
            for kind, job in waiting[: max(0, free)]:
                self._admit(kind, job, queue)

    def _admit(self, kind: Resource, job: JsonObject, queue: str) -> None:
        self._client.edit(kind, job, lambda each: set_suspended(kind, each, suspended=False))
        self._client.record(
            job, "Normal", "Started", f"Admitted by clusterQueue {queue}", _COMPONENT
        )


def _queue_of(job: JsonObject) -> str | None:
    labels: Mapping[str, str] = job["metadata"].get("labels") or {}
    return labels.get(QUEUE_LABEL)


def _is_finished(job: JsonObject) -> bool:
    status = job.get("status") or {}
    return any(is_true(status, kind) for kind in ("Succeeded", "Complete", "Failed"))


def _age(job: JsonObject) -> tuple[str, int]:
    metadata = job["metadata"]
    return metadata["creationTimestamp"], int(metadata["resourceVersion"])

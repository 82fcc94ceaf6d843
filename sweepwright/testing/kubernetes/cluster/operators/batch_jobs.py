"""The controller of Jobs (`batch/v1`), indexed or not.

A pod that is being deleted counts as failed, as it does without a pod failure policy. Before a
job is `Complete` or `Failed`, its condition `SuccessCriteriaMet` or `FailureTarget` says so, and
its last pods end. Left out: pod failure policies, success policies, backoff limits by index, and
the finalizers by which a real controller counts pods that somebody deletes.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field

from ...store.resources import JOBS, PODS, JsonObject
from ...store.status_errors import StatusError
from ..control_loop import ControlLoop
from ..controller_client import ControllerClient
from ..times import is_true, seconds_since, set_condition, timestamp
from .pod_templates import add_variables, pod_from

_INDEX = "batch.kubernetes.io/job-completion-index"
_RETRY_SECONDS = 1.0
_COMPONENT = "job-controller"


@dataclass(slots=True)
class _Tally:
    """What became of the pods of a job, those that are gone included, by their uids."""

    seen: set[str] = field(default_factory=set)
    succeeded: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    excused: set[str] = field(default_factory=set)
    """Pods that a suspension has deleted."""

    def count(self, pods: Sequence[JsonObject]) -> None:
        """Count the pods that have ended, are being deleted or are gone."""
        present = {pod["metadata"]["uid"] for pod in pods}
        for pod in pods:
            uid, phase = pod["metadata"]["uid"], pod["status"].get("phase")
            if phase == "Succeeded":
                self.succeeded.add(uid)
            elif phase == "Failed" or "deletionTimestamp" in pod["metadata"]:
                self.failed.add(uid)
        self.seen |= present
        self.failed |= self.seen - present - self.succeeded
        self.failed -= self.excused | self.succeeded


@dataclass(frozen=True, slots=True)
class _Pods:
    """The pods of a job by what became of them."""

    active: Sequence[JsonObject]
    succeeded: Sequence[JsonObject]
    terminating: Sequence[JsonObject]


class JobController:
    """Reconciles Jobs."""

    resource = JOBS

    def __init__(self, client: ControllerClient, loop: ControlLoop) -> None:
        self._client = client
        self._loop = loop
        self._tallies: dict[str, _Tally] = {}

    def reconcile(self, namespace: str, name: str) -> None:
        """Bring the pods and the status of a job to what its spec and its pods ask for."""
        job = self._client.view.get(JOBS, namespace, name)
        if job is None or "deletionTimestamp" in job["metadata"]:
            return
        status = copy.deepcopy(job.get("status") or {})
        if is_true(status, "Complete") or is_true(status, "Failed"):
            self._delete_after(job, status)
            return
        pods = self._pods(job)
        if job["spec"].get("suspend"):
            self._suspend(job, status, pods)
        else:
            self._run(job, status, pods)
        if status != job.get("status"):
            self._client.edit(JOBS, job, lambda current: current.update(status=status))
            self._again(job, 0.0)

    def _pods(self, job: JsonObject) -> _Pods:
        found = list(self._client.view.controlled_by(job, PODS))
        self._tally(job).count(found)
        unended = [pod for pod in found if pod["status"].get("phase") not in _ENDED]
        return _Pods(
            [pod for pod in unended if "deletionTimestamp" not in pod["metadata"]],
            [pod for pod in found if pod["status"].get("phase") == "Succeeded"],
            [pod for pod in unended if "deletionTimestamp" in pod["metadata"]],
        )

    def _tally(self, job: JsonObject) -> _Tally:
        return self._tallies.setdefault(job["metadata"]["uid"], _Tally())

    def _suspend(self, job: JsonObject, status: JsonObject, pods: _Pods) -> None:
        for pod in pods.active:
            self._client.delete(PODS, pod)
        self._tally(job).excused |= {pod["metadata"]["uid"] for pod in pods.active}
        status.pop("startTime", None)
        status.update(active=0, ready=0, terminating=len(pods.active) + len(pods.terminating))
        if not is_true(status, "Suspended"):
            told = {"reason": "JobSuspended", "message": "Job suspended"}
            set_condition(status, "Suspended", "True", **told, lastProbeTime=timestamp())
            self._record(job, "Suspended", "Job suspended")

    def _run(self, job: JsonObject, status: JsonObject, pods: _Pods) -> None:
        if is_true(status, "Suspended"):
            told = {"reason": "JobResumed", "message": "Job resumed"}
            set_condition(status, "Suspended", "False", **told)
            self._record(job, "Resumed", "Job resumed")
        status.setdefault("startTime", timestamp())
        spec = job["spec"]
        why = self._failure(job, status)
        completions = spec.get("completions") or spec.get("parallelism", 1)
        if why is not None or is_true(status, "FailureTarget"):
            self._fail(job, status, pods, why)
        elif len(self._tally(job).succeeded) >= completions:
            self._complete(job, status, pods)
        else:
            self._create_missing(job, pods, completions)
        self._count(job, status)

    def _count(self, job: JsonObject, status: JsonObject) -> None:
        pods = self._pods(job)
        ended = status["conditions"][-1]["type"] if status.get("conditions") else ""
        if ended in {"Complete", "Failed"}:
            pods = _Pods([], pods.succeeded, [])
        status.update(
            active=len(pods.active),
            ready=sum(pod["status"].get("phase") == "Running" for pod in pods.active),
            terminating=len(pods.terminating),
            uncountedTerminatedPods={},
        )
        tally = self._tally(job)
        counts = {"succeeded": len(tally.succeeded), "failed": len(tally.failed)}
        status.update({key: number for key, number in counts.items() if number})

    def _failure(self, job: JsonObject, status: JsonObject) -> tuple[str, str] | None:
        """Return the reason and the message with which a job must fail, if it must."""
        spec = job["spec"]
        limit = spec.get("backoffLimit", 6)
        failures = len(self._tally(job).failed)
        restarts = self._restarts(job)
        if failures > limit or (restarts and restarts >= limit):
            return "BackoffLimitExceeded", "Job has reached the specified backoff limit"
        if (deadline := spec.get("activeDeadlineSeconds")) is not None:
            left = deadline - seconds_since(status["startTime"])
            if left <= 0:
                return "DeadlineExceeded", "Job was active longer than specified deadline"
            self._again(job, left)
        return None

    def _restarts(self, job: JsonObject) -> int:
        """Count the restarts of containers in pods that may restart them."""
        return sum(
            container.get("restartCount", 0)
            for pod in self._client.view.controlled_by(job, PODS)
            if pod["spec"]["restartPolicy"] == "OnFailure"
            for container in pod["status"].get("containerStatuses") or []
        )

    def _fail(
        self, job: JsonObject, status: JsonObject, pods: _Pods, why: tuple[str, str] | None
    ) -> None:
        for pod in pods.active:
            self._client.delete(PODS, pod)
        if not is_true(status, "FailureTarget") and why is not None:
            told = {"reason": why[0], "message": why[1], "lastProbeTime": timestamp()}
            set_condition(status, "FailureTarget", "True", **told)
        if not pods.active and not pods.terminating:
            target = next(c for c in status["conditions"] if c["type"] == "FailureTarget")
            told = {key: target[key] for key in ("reason", "message")}
            set_condition(status, "Failed", "True", **told, lastProbeTime=timestamp())
            self._record(job, told["reason"], told["message"], kind="Warning")

    def _complete(self, job: JsonObject, status: JsonObject, pods: _Pods) -> None:
        for pod in pods.active:
            self._client.delete(PODS, pod)
        told = {
            "reason": "CompletionsReached",
            "message": "Reached expected number of succeeded pods",
            "lastProbeTime": timestamp(),
        }
        set_condition(status, "SuccessCriteriaMet", "True", **told)
        if not pods.active and not pods.terminating:
            set_condition(status, "Complete", "True", **told)
            status["completionTime"] = timestamp()
            self._record(job, "Completed", "Job completed")

    def _create_missing(self, job: JsonObject, pods: _Pods, completions: int) -> None:
        held = len(pods.active) + len(pods.terminating)
        wanted = min(
            job["spec"].get("parallelism", 1), completions - len(self._tally(job).succeeded)
        )
        if job["spec"].get("completionMode") != "Indexed":
            for _ in range(wanted - held):
                self._create(job, None)
            return
        taken = {_index(pod) for pod in (*pods.active, *pods.succeeded, *pods.terminating)}
        free = [index for index in range(completions) if index not in taken]
        for index in free[: max(0, wanted - held)]:
            self._create(job, index)

    def _create(self, job: JsonObject, index: int | None) -> None:
        pod = _pod_of(job, index)
        try:
            created = self._client.create(PODS, job["metadata"]["namespace"], pod)
        except StatusError as error:
            message = f"Error creating: {error.message}"
            self._record(job, "FailedCreate", message, kind="Warning")
            self._again(job, _RETRY_SECONDS)
            return
        self._record(job, "SuccessfulCreate", f"Created pod: {created['metadata']['name']}")

    def _delete_after(self, job: JsonObject, status: JsonObject) -> None:
        self._tallies.pop(job["metadata"]["uid"], None)
        if (ttl := job["spec"].get("ttlSecondsAfterFinished")) is None:
            return
        left = ttl - seconds_since(status["conditions"][-1]["lastTransitionTime"])
        if left <= 0:
            self._client.delete(JOBS, job)
        else:
            self._again(job, left)

    def _again(self, job: JsonObject, seconds: float) -> None:
        where = job["metadata"]["namespace"], job["metadata"]["name"]
        self._loop.later(
            seconds, lambda: self._loop.enqueue((JOBS, *where), lambda: self.reconcile(*where))
        )

    def _record(self, job: JsonObject, reason: str, message: str, *, kind: str = "Normal") -> None:
        self._client.record(job, kind, reason, message, _COMPONENT)


_ENDED = {"Succeeded", "Failed"}


def _index(pod: JsonObject) -> int:
    return int(pod["metadata"]["annotations"][_INDEX])


def _pod_of(job: JsonObject, index: int | None) -> JsonObject:
    """Return a pod of a job, under a name that the server completes."""
    name, uid = job["metadata"]["name"], job["metadata"]["uid"]
    labels = {
        "batch.kubernetes.io/job-name": name,
        "batch.kubernetes.io/controller-uid": uid,
        "job-name": name,
        "controller-uid": uid,
    }
    prefix = f"{name}-" if index is None else f"{name}-{index}-"
    place = {"generateName": prefix, "namespace": job["metadata"]["namespace"]}
    pod = pod_from(job["spec"]["template"], job, place, labels)
    if index is None:
        return pod
    metadata = pod["metadata"]
    metadata["labels"][_INDEX] = str(index)
    metadata["annotations"] = {**(metadata.get("annotations") or {}), _INDEX: str(index)}
    pod["spec"].setdefault("hostname", f"{name}-{index}")
    for container in [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]:
        add_variables(container, {"JOB_COMPLETION_INDEX": str(index)})
    return pod

"""The operator of training jobs, as training-operator v1.9 reconciles TFJobs and PyTorchJobs.

Its peculiarities are kept. A pod that is gone is created again under the same name, even if it
must not restart; a running pod that is being deleted counts as failed; when a job has ended, its
condition `Running` turns False, and its pods stay or go by `cleanPodPolicy`.
"""

import copy
from collections.abc import Sequence

from ...store.resources import PODS, JsonObject
from ...store.status_errors import StatusError
from ..control_loop import ControlLoop
from ..controller_client import ControllerClient
from ..times import is_true, seconds_since, timestamp
from .job_conditions import (
    CREATED,
    FAILED,
    RESTARTING,
    RUNNING,
    SUCCEEDED,
    SUSPENDED,
    is_finished,
    update_condition,
)
from .replicas import (
    Framework,
    Replica,
    count_pod,
    must_restart,
    past_backoff_limit,
    place_of,
    replica_pod,
    replicas_of,
    selector_of,
)

_RETRY_SECONDS = 1.0


class TrainingOperator:
    """Reconciles the training jobs of one kind."""

    def __init__(self, client: ControllerClient, loop: ControlLoop, framework: Framework) -> None:
        self.resource = framework.resource
        self._client = client
        self._loop = loop
        self._framework = framework

    def reconcile(self, namespace: str, name: str) -> None:
        """Bring the pods and the status of a job to what its spec and its pods ask for."""
        job = self._client.view.get(self.resource, namespace, name)
        if job is None or "deletionTimestamp" in job["metadata"]:
            return
        status = copy.deepcopy(job.get("status") or {})
        if update_condition(status, CREATED, self._reason("Created"), self._text(job, "created")):
            self._record(job, "Created", self._text(job, "created"))
        pods = list(self._client.view.controlled_by(job, PODS))
        self._update(job, status, pods)
        if status != job.get("status"):
            self._client.edit(self.resource, job, lambda current: current.update(status=status))
            self._again(job, 0.0)

    def _update(self, job: JsonObject, status: JsonObject, pods: list[JsonObject]) -> None:
        policy = job["spec"].get("runPolicy") or {}
        if is_finished(status):
            self._finish(job, status, pods)
        elif policy.get("suspend"):
            self._suspend(job, status, pods)
        else:
            if is_true(status, SUSPENDED):
                self._resume(job, status)
            replicas = replicas_of(job, self._framework)
            limit = self._exceeded_limit(job, status, replicas, pods)
            if limit is not None:
                self._end_at_limit(job, status, pods, limit)
            else:
                self._run(job, status, replicas, pods)

    def _finish(self, job: JsonObject, status: JsonObject, pods: list[JsonObject]) -> None:
        """Remove the pods that the policy removes; delete the job when its time has come."""
        policy = job["spec"].get("runPolicy") or {}
        clean = policy.get("cleanPodPolicy") or "None"
        for pod in pods:
            ended = pod["status"].get("phase") in {"Succeeded", "Failed"}
            if clean == "All" or (clean == "Running" and not ended):
                self._client.delete(PODS, pod)
        if is_true(status, SUCCEEDED):
            for counts in status.get("replicaStatuses", {}).values():
                counts["succeeded"] = counts.get("succeeded", 0) + counts.pop("active", 0)
        self._delete_after(job, status, policy.get("ttlSecondsAfterFinished"))

    def _delete_after(self, job: JsonObject, status: JsonObject, ttl: int | None) -> None:
        if ttl is None:
            return
        left = ttl - seconds_since(status["completionTime"])
        if left <= 0:
            self._client.delete(self.resource, job)
        else:
            self._again(job, left)

    def _suspend(self, job: JsonObject, status: JsonObject, pods: list[JsonObject]) -> None:
        for pod in pods:
            self._client.delete(PODS, pod)
        for counts in status.get("replicaStatuses", {}).values():
            counts.pop("active", None)
        text, reason = self._text(job, "suspended"), self._reason("Suspended")
        if is_true(status, RUNNING):
            update_condition(status, RUNNING, reason, text, "False")
        if not is_true(status, SUSPENDED):
            update_condition(status, SUSPENDED, reason, text)
            self._record(job, "Suspended", text)

    def _resume(self, job: JsonObject, status: JsonObject) -> None:
        text = self._text(job, "resumed")
        update_condition(status, SUSPENDED, self._reason("Resumed"), text, "False")
        status["startTime"] = timestamp()
        self._record(job, "Resumed", text)

    def _exceeded_limit(
        self,
        job: JsonObject,
        status: JsonObject,
        replicas: Sequence[Replica],
        pods: Sequence[JsonObject],
    ) -> str | None:
        """Return why a job must end although it could go on."""
        policy = job["spec"].get("runPolicy") or {}
        failed = f"Job {job['metadata']['name']} has failed because"
        limit = policy.get("backoffLimit")
        if limit is not None and past_backoff_limit(limit, status, replicas, pods):
            return f"{failed} it has reached the specified backoff limit"
        if (deadline := policy.get("activeDeadlineSeconds")) and "startTime" in status:
            left = deadline - seconds_since(status["startTime"])
            if left <= 0:
                return f"{failed} it was active longer than specified deadline"
            self._again(job, left)
        return None

    def _end_at_limit(
        self, job: JsonObject, status: JsonObject, pods: list[JsonObject], why: str
    ) -> None:
        """Fail a job and delete all its pods, whatever its policy."""
        status.setdefault("completionTime", timestamp())
        for pod in pods:
            self._client.delete(PODS, pod)
        self._record(job, "Failed", why)
        update_condition(status, FAILED, self._reason("Failed"), why)

    def _run(
        self,
        job: JsonObject,
        status: JsonObject,
        replicas: Sequence[Replica],
        pods: Sequence[JsonObject],
    ) -> None:
        """Create the pods that are missing, replace those that restart, and count the others."""
        counted: dict[str, JsonObject] = {}
        byplace_of = {place_of(pod): pod for pod in pods}
        for replica in replicas:
            counts = counted.setdefault(replica.role, {})
            for index in range(replica.count):
                pod = byplace_of.get((replica.role.lower(), index))
                if pod is None:
                    self._create(job, replicas, replica, index)
                    continue
                if must_restart(replica, pod):
                    self._restart(job, status, replica, pod)
                count_pod(counts, pod)
            counts["selector"] = selector_of(job, replica)
        status["replicaStatuses"] = counted
        if "startTime" not in status:
            status["startTime"] = timestamp()
            self._again(job, 0.0)
        self._conclude(job, status, replicas, pods)

    def _conclude(
        self,
        job: JsonObject,
        status: JsonObject,
        replicas: Sequence[Replica],
        pods: Sequence[JsonObject],
    ) -> None:
        current = {**job, "status": status}
        for kind, message in self._framework.update_status(current, replicas, pods):
            changed = update_condition(status, kind, self._reason(kind), message)
            if kind in {SUCCEEDED, FAILED}:
                status.setdefault("completionTime", timestamp())
            if changed and kind != RUNNING:
                self._record(job, kind, message)

    def _create(
        self, job: JsonObject, replicas: Sequence[Replica], replica: Replica, index: int
    ) -> None:
        pod = replica_pod(job, self._framework, replicas, replica, index)
        name = pod["metadata"]["name"]
        try:
            self._client.create(PODS, job["metadata"]["namespace"], pod)
        except StatusError as error:
            if error.code == 409:  # another pod has the name; it may go
                self._again(job, _RETRY_SECONDS)
                return
            self._warn(job, "FailedCreatePod", f"Error creating: {error.message}")
            self._again(job, _RETRY_SECONDS)
            return
        self._record(job, "SuccessfulCreatePod", f"Created pod: {name}", prefix="")

    def _restart(
        self, job: JsonObject, status: JsonObject, replica: Replica, pod: JsonObject
    ) -> None:
        self._client.delete(PODS, pod)
        kind, name = self.resource.kind, job["metadata"]["name"]
        text = f"{kind} {name} is restarting because {replica.role} replica(s) failed."
        update_condition(status, RESTARTING, self._reason("Restarting"), text)
        self._warn(job, self._reason("Restarting"), text)

    def _again(self, job: JsonObject, seconds: float) -> None:
        metadata = job["metadata"]
        where = metadata["namespace"], metadata["name"]
        self._loop.later(
            seconds,
            lambda: self._loop.enqueue((self.resource, *where), lambda: self.reconcile(*where)),
        )

    def _reason(self, what: str) -> str:
        return f"{self.resource.kind}{what}"

    def _text(self, job: JsonObject, state: str) -> str:
        return f"{self.resource.kind} {job['metadata']['name']} is {state}."

    def _record(
        self, job: JsonObject, reason: str, message: str, *, prefix: str | None = None
    ) -> None:
        kind = self.resource.kind
        component = f"{kind.lower()}-controller"
        reason = f"{kind if prefix is None else prefix}{reason}"
        self._client.record(job, "Normal", reason, message, component)

    def _warn(self, job: JsonObject, reason: str, message: str) -> None:
        component = f"{self.resource.kind.lower()}-controller"
        self._client.record(job, "Warning", reason, message, component)

"""The replicas of training jobs: their roles, their pods, and what became of these."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ...store.resources import JsonObject, Resource
from .pod_templates import pod_from

LABELS = "training.kubeflow.org"


@dataclass(frozen=True, slots=True)
class Replica:
    """A role of a training job, as its spec has it."""

    role: str
    """`Master`, `Worker`, `Chief`, `PS` …"""
    count: int
    restart_policy: str
    template: JsonObject


class Framework(Protocol):
    """What distinguishes the kinds of training jobs."""

    resource: Resource
    container: str
    """Name of the container that runs the training."""
    replicas_key: str
    default_restart_policy: str

    def is_master(self, replicas: Sequence[Replica], role: str, index: int) -> bool:
        """Tell whether a pod gets the label of the master."""
        ...

    def set_environment(
        self, pod: JsonObject, job: JsonObject, replicas: Sequence[Replica], role: str, index: int
    ) -> None:
        """Add the variables by which the processes find one another, in place."""
        ...

    def update_status(
        self, job: JsonObject, replicas: Sequence[Replica], pods: Sequence[JsonObject]
    ) -> Sequence[tuple[str, str]]:
        """Return the conditions that hold now, each with its message."""
        ...


def replicas_of(job: JsonObject, framework: Framework) -> list[Replica]:
    """Return the roles of a job with the operator's defaults, by name."""
    specs = job["spec"].get(framework.replicas_key) or {}
    return [
        Replica(
            role,
            spec.get("replicas", 1),
            spec.get("restartPolicy") or framework.default_restart_policy,
            spec["template"],
        )
        for role, spec in sorted(specs.items())
    ]


def replica_pod(
    job: JsonObject,
    framework: Framework,
    replicas: Sequence[Replica],
    replica: Replica,
    index: int,
) -> JsonObject:
    """Return the pod of a replica of a job."""
    role = replica.role.lower()
    labels = _labels(job, role) | {f"{LABELS}/replica-index": str(index)}
    if framework.is_master(replicas, replica.role, index):
        labels[f"{LABELS}/job-role"] = "master"
    place = {
        "name": f"{job['metadata']['name']}-{role}-{index}",
        "namespace": job["metadata"]["namespace"],
    }
    pod = pod_from(replica.template, job, place, labels)
    policy = replica.restart_policy
    pod["spec"]["restartPolicy"] = "Never" if policy == "ExitCode" else policy
    framework.set_environment(pod, job, replicas, replica.role, index)
    return pod


def _labels(job: JsonObject, role: str) -> dict[str, str]:
    return {
        f"{LABELS}/operator-name": f"{job['kind'].lower()}-controller",
        f"{LABELS}/job-name": job["metadata"]["name"],
        f"{LABELS}/replica-type": role,
    }


def selector_of(job: JsonObject, replica: Replica) -> str:
    """Return the label selector of the pods of a role."""
    labels = _labels(job, replica.role.lower())
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))


def place_of(pod: JsonObject) -> tuple[str, int]:
    """Return the role of a pod, in lower case, and its index."""
    labels = pod["metadata"]["labels"]
    return labels[f"{LABELS}/replica-type"], int(labels[f"{LABELS}/replica-index"])


def count_pod(counts: JsonObject, pod: JsonObject) -> None:
    """Count a pod among the active, succeeded or failed ones; one that waits is none of them."""
    match pod["status"].get("phase"):
        case "Running":
            # A running pod that is being deleted may never come to fail: its node may be lost.
            key = "failed" if "deletionTimestamp" in pod["metadata"] else "active"
        case "Succeeded":
            key = "succeeded"
        case "Failed":
            key = "failed"
        case _:
            return
    counts[key] = counts.get(key, 0) + 1


def exit_code(pod: JsonObject) -> int | None:
    """Return the exit code of a pod's first container that has one."""
    for status in pod["status"].get("containerStatuses") or []:
        if ended := status["state"].get("terminated"):
            return int(ended["exitCode"])
    return None


def must_restart(replica: Replica, pod: JsonObject) -> bool:
    """Tell whether a pod that has failed is to be replaced."""
    if pod["status"].get("phase") != "Failed" or "deletionTimestamp" in pod["metadata"]:
        return False
    if replica.restart_policy == "ExitCode":
        return (exit_code(pod) or 0) >= 128
    return replica.restart_policy in {"OnFailure", "Always"}


def past_backoff_limit(
    limit: int, status: JsonObject, replicas: Sequence[Replica], pods: Sequence[JsonObject]
) -> bool:
    """Tell whether containers restarted, or new pods failed, more often than a job allows."""
    restarting = {r.role.lower() for r in replicas if r.restart_policy in {"OnFailure", "Always"}}
    restarts = sum(
        each.get("restartCount", 0)
        for pod in pods
        if pod["status"].get("phase") in {"Running", "Pending"} and place_of(pod)[0] in restarting
        for each in pod["status"].get("containerStatuses") or []
    )
    if restarts > limit or (restarts and restarts >= limit):
        return True
    failed = sum(pod["status"].get("phase") == "Failed" for pod in pods)
    known = sum(each.get("failed", 0) for each in status.get("replicaStatuses", {}).values())
    active = sum(pod["status"].get("phase") in {"Running", "Pending"} for pod in pods)
    return failed > known and active != sum(r.count for r in replicas) and limit < 1

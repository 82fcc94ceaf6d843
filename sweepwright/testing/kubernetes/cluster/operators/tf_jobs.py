"""TFJobs: their `TF_CONFIG`, and when they have succeeded."""

import json
from collections.abc import Iterator, Sequence

from ...store.resources import TF_JOBS, JsonObject
from ..times import is_true
from .job_conditions import FAILED, RESTARTING, RUNNING, SUCCEEDED
from .pod_templates import add_variables
from .replicas import LABELS, Replica

_PORT = 2222
_CHIEFS = ("Chief", "Master")


class TensorFlow:
    """The part of the training operator that is about TFJobs."""

    resource = TF_JOBS
    container = "tensorflow"
    replicas_key = "tfReplicaSpecs"
    default_restart_policy = "Never"

    def is_master(self, replicas: Sequence[Replica], role: str, index: int) -> bool:
        """Tell whether a pod is the chief, or worker 0 where there is no chief."""
        if _has_chief(replicas):
            return role in _CHIEFS
        return role == "Worker" and index == 0

    def set_environment(
        self, pod: JsonObject, job: JsonObject, replicas: Sequence[Replica], role: str, index: int
    ) -> None:
        """Add `TF_CONFIG` to the training container, if the job has several processes."""
        if sum(replica.count for replica in replicas) < 2:
            return
        config = {
            "cluster": {
                replica.role.lower(): [_address(job, replica, i) for i in range(replica.count)]
                for replica in replicas
                if replica.role != "Evaluator"  # it is no part of the training cluster
            },
            "task": {"type": role.lower(), "index": index},
            "environment": "cloud",
        }
        text = json.dumps(config, separators=(",", ":"))
        for container in pod["spec"]["containers"]:
            if container["name"] == self.container:
                add_variables(container, {"TF_CONFIG": text})

    def update_status(
        self, job: JsonObject, replicas: Sequence[Replica], pods: Sequence[JsonObject]
    ) -> Sequence[tuple[str, str]]:
        """Return the conditions that hold: the chief, or worker 0, decides on success."""
        return list(_conditions(job, replicas, pods))


def _address(job: JsonObject, replica: Replica, index: int) -> str:
    metadata = job["metadata"]
    host = f"{metadata['name']}-{replica.role.lower()}-{index}.{metadata['namespace']}.svc"
    return f"{host}:{_port_of(replica)}"


def _port_of(replica: Replica) -> int:
    for container in replica.template["spec"]["containers"]:
        for port in container.get("ports") or []:
            if port.get("name") == "tfjob-port":
                return int(port["containerPort"])
    return _PORT


def _has_chief(replicas: Sequence[Replica]) -> bool:
    return any(replica.role in _CHIEFS for replica in replicas)


def _conditions(
    job: JsonObject, replicas: Sequence[Replica], pods: Sequence[JsonObject]
) -> Iterator[tuple[str, str]]:
    metadata = job["metadata"]
    name = f"TFJob {metadata['namespace']}/{metadata['name']}"
    restarting = is_true(job["status"], RESTARTING)
    decisive = _CHIEFS if _has_chief(replicas) else ("Worker",)
    for replica in replicas:
        counts = job["status"]["replicaStatuses"][replica.role]
        if replica.role in decisive:
            if _succeeded(job, replica, counts, pods):
                yield SUCCEEDED, f"{name} successfully completed."
            elif counts.get("active"):
                yield RUNNING, f"{name} is running."
        if (failed := counts.get("failed", 0)) and not restarting:
            yield FAILED, f"{name} has failed because {failed} {replica.role} replica(s) failed."


def _succeeded(
    job: JsonObject, replica: Replica, counts: JsonObject, pods: Sequence[JsonObject]
) -> bool:
    if counts.get("succeeded", 0) == replica.count:
        return True
    if replica.role != "Worker" or job["spec"].get("successPolicy") == "AllWorkers":
        return False
    return any(
        pod["metadata"]["labels"][f"{LABELS}/replica-type"] == "worker"
        and pod["metadata"]["labels"][f"{LABELS}/replica-index"] == "0"
        and pod["status"].get("phase") == "Succeeded"
        for pod in pods
    )

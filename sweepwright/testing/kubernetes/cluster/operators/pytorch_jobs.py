"""PyTorchJobs: their environment, and when they have succeeded."""

from collections.abc import Iterator, Sequence

from ...store.resources import PYTORCH_JOBS, JsonObject
from .job_conditions import FAILED, RESTARTING, RUNNING, SUCCEEDED
from .pod_templates import add_variables
from .replicas import Replica

_PORT = 23456


class PyTorch:
    """The part of the training operator that is about PyTorchJobs."""

    resource = PYTORCH_JOBS
    container = "pytorch"
    replicas_key = "pytorchReplicaSpecs"
    default_restart_policy = "OnFailure"

    def __init__(self, init_image: str | None = None) -> None:
        self._init_image = init_image

    def is_master(self, _replicas: Sequence[Replica], role: str, _index: int) -> bool:
        """Tell whether a pod is the master."""
        return role == "Master"

    def set_environment(
        self, pod: JsonObject, job: JsonObject, replicas: Sequence[Replica], role: str, index: int
    ) -> None:
        """Add the address of the master, the world's size and the pod's rank to all containers."""
        processes = str(job["spec"].get("nprocPerNode", "1"))
        pods = sum(replica.count for replica in replicas)
        per_node = int(processes) if processes.isdecimal() else 1
        variables = {"PYTHONUNBUFFERED": "1"}
        if any(replica.role == "Master" for replica in replicas):
            address = f"{job['metadata']['name']}-master-0"
            port = str(_port_of(next(r for r in replicas if r.role == "Master")))
            rank = str(index if role == "Master" else index + 1)
            variables |= {
                "MASTER_PORT": port,
                "PET_MASTER_PORT": port,
                "MASTER_ADDR": address,
                "PET_MASTER_ADDR": address,
                "WORLD_SIZE": str(pods * per_node),
                "RANK": rank,
                "PET_NODE_RANK": rank,
            }
        variables |= {"PET_NPROC_PER_NODE": processes, "PET_NNODES": str(pods)}
        for container in pod["spec"]["containers"]:
            add_variables(container, variables)
        if role == "Worker" and self._init_image and "RANK" in variables:
            held = pod["spec"].get("initContainers") or []
            pod["spec"]["initContainers"] = [*held, _init_container(self._init_image)]

    def update_status(
        self, job: JsonObject, replicas: Sequence[Replica], _pods: Sequence[JsonObject]
    ) -> Sequence[tuple[str, str]]:
        """Return the conditions that hold: the master alone decides on success if there is one."""
        return list(_conditions(job, replicas))


def _init_container(image: str) -> JsonObject:
    """Return the container with which a worker waits until it can resolve the master's name.

    As in the operator, it has no security context, which the profile `restricted` refuses. Here
    names resolve at once.
    """
    return {
        "name": "init-pytorch",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "resources": {
            "limits": {"cpu": "100m", "memory": "20Mi"},
            "requests": {"cpu": "50m", "memory": "10Mi"},
        },
        "command": ["true"],
    }


def _port_of(master: Replica) -> int:
    for container in master.template["spec"]["containers"]:
        for port in container.get("ports") or []:
            if port.get("name") == "pytorchjob-port":
                return int(port["containerPort"])
    return _PORT


def _conditions(job: JsonObject, replicas: Sequence[Replica]) -> Iterator[tuple[str, str]]:
    name = f"PyTorchJob {job['metadata']['name']}"
    decisive = "Master" if any(replica.role == "Master" for replica in replicas) else "Worker"
    for replica in replicas:
        counts = job["status"]["replicaStatuses"][replica.role]
        active, failed = counts.get("active", 0), counts.get("failed", 0)
        succeeded = counts.get("succeeded", 0)
        if replica.role == decisive:
            if succeeded == replica.count:
                yield SUCCEEDED, f"{name} is successfully completed."
                return
            if active:
                yield RUNNING, f"{name} is running."
        if failed and replica.count > succeeded + active:
            what = f"because {failed} {replica.role} replica(s) failed."
            if replica.restart_policy == "Never":
                yield FAILED, f"{name} is failed {what}"
            else:
                yield RESTARTING, f"{name} is restarting {what}"

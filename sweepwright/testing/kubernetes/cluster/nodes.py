"""The nodes of a cluster, as the user describes them and as the server shows them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..store.resources import JsonObject
from .times import set_condition, timestamp

UNREACHABLE = "node.kubernetes.io/unreachable"


@dataclass(frozen=True, slots=True)
class Node:
    """A node with its resources."""

    name: str = "node-1"
    cpu: str | int = 16
    memory: str = "64Gi"
    gpu: int = 0
    pods: int = 110
    labels: Mapping[str, str] = field(default_factory=dict)
    taints: tuple[Mapping[str, str], ...] = ()
    resources: Mapping[str, str] = field(default_factory=dict)
    """Extended resources, besides `nvidia.com/gpu`."""


def node_object(node: Node) -> JsonObject:
    """Return the object of a node that is ready."""
    capacity: dict[str, Any] = {
        "cpu": str(node.cpu),
        "memory": node.memory,
        "pods": str(node.pods),
        **node.resources,
    }
    if node.gpu:
        capacity["nvidia.com/gpu"] = str(node.gpu)
    labels = {"kubernetes.io/hostname": node.name, "kubernetes.io/os": "linux", **node.labels}
    found: JsonObject = {
        "metadata": {"name": node.name, "labels": labels},
        "spec": {"taints": [dict(taint) for taint in node.taints]} if node.taints else {},
        "status": {"capacity": capacity, "allocatable": capacity},
    }
    _set_ready(found["status"], "True", "KubeletReady", "kubelet is posting ready status")
    return found


def mark_lost(found: JsonObject) -> None:
    """Mark a node as one whose kubelet does not answer, in place."""
    message = "Kubelet stopped posting node status."
    _set_ready(found["status"], "Unknown", "NodeStatusUnknown", message)
    taints = [
        {"key": UNREACHABLE, "effect": effect, "timeAdded": timestamp()}
        for effect in ("NoSchedule", "NoExecute")
    ]
    found["spec"]["taints"] = [*(found["spec"].get("taints") or []), *taints]


def mark_ready(found: JsonObject) -> None:
    """Mark a lost node as ready again, in place."""
    _set_ready(found["status"], "True", "KubeletReady", "kubelet is posting ready status")
    held = found["spec"].get("taints") or []
    found["spec"]["taints"] = [taint for taint in held if taint["key"] != UNREACHABLE]


def _set_ready(status: JsonObject, value: str, reason: str, message: str) -> None:
    told = {"reason": reason, "message": message, "lastHeartbeatTime": timestamp()}
    set_condition(status, "Ready", value, **told)

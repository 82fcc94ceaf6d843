"""The status of a pod, from the states of its containers."""

from collections.abc import Sequence

from ...store.resources import JsonObject
from ..times import find_condition, set_condition
from .containers import Container

_ADDRESS = "127.0.0.1"


def phase_of(first: Sequence[Container], others: Sequence[Container], policy: str) -> str:
    """Return the phase of a pod whose containers are in these states."""
    if any((container.exit_code or 0) != 0 for container in first) and policy == "Never":
        return "Failed"
    codes = [container.exit_code for container in others]
    if all(code is not None for code in codes):
        if policy == "Always":
            return "Running"
        if not any(codes):
            return "Succeeded"
        return "Failed" if policy == "Never" else "Running"
    begun = any("waiting" not in each.state or each.last_state for each in others)
    return "Running" if begun else "Pending"


def write_containers(
    status: JsonObject, first: Sequence[Container], others: Sequence[Container]
) -> None:
    """Write the states of a pod's containers, and the conditions that follow, in place."""
    status.update(hostIP=_ADDRESS, hostIPs=[{"ip": _ADDRESS}], qosClass="Burstable")
    if any(container.id for container in (*first, *others)):
        status.update(podIP=_ADDRESS, podIPs=[{"ip": _ADDRESS}])
    if first:
        status["initContainerStatuses"] = [container.status() for container in first]
    status["containerStatuses"] = [container.status() for container in others]
    initialized = all(container.exit_code == 0 for container in first)
    set_condition(status, "Initialized", str(initialized))
    _write_readiness(status, others)


def _write_readiness(status: JsonObject, others: Sequence[Container]) -> None:
    unready = [container.name for container in others if "running" not in container.state]
    why: dict[str, str] = {}
    if status["phase"] == "Succeeded":
        why = {"reason": "PodCompleted"}
    elif unready:
        message = f"containers with unready status: [{' '.join(unready)}]"
        why = {"reason": "ContainersNotReady", "message": message}
    for kind in ("Ready", "ContainersReady"):
        for key in ("reason", "message"):
            (find_condition(status, kind) or {}).pop(key, None)
        set_condition(status, kind, str(not unready), **why)

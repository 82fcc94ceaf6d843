"""Resources of a container: what the trial's role requests, in Kubernetes' words."""

from collections.abc import Mapping

from sweepwright.contracts import Role
from sweepwright.events import Json

from ..options import GPU, PodOptions
from ..quantities import cpu_quantity, memory_quantity


def container_resources(role: Role, pod: PodOptions) -> dict[str, Json]:
    """Return what a container requests, which is also its limit; empty if it requests nothing.

    A pod whose requests are its limits is the last to be evicted from a node that runs short of
    memory, and it never computes slower because its neighbours do more.
    """
    amounts = {**_of_role(role, pod), **_texts(pod.resources or {})}
    return {"requests": amounts, "limits": dict(amounts)} if amounts else {}


def _of_role(role: Role, pod: PodOptions) -> dict[str, str]:
    amounts: dict[str, str] = {}
    for name, amount in role.resources.items():
        if not amount:
            continue
        match name:
            case "cpu":
                amounts["cpu"] = cpu_quantity(amount)
            case "memory":
                amounts["memory"] = memory_quantity(amount)
            case "gpu":
                amounts[pod.gpu_resource or GPU] = str(int(amount))
    return amounts


def _texts(amounts: Mapping[str, str | int | float]) -> dict[str, str]:
    return {name: str(amount) for name, amount in amounts.items()}

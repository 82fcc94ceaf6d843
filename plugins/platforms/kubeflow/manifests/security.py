"""Security contexts, which keep to the restricted profile of the Pod Security Standards."""

from typing import Any

from sweepwright.events import Json

from ..options import KubeflowOptions


def pod_security(options: KubeflowOptions) -> dict[str, Json]:
    """Return the security context of a pod; empty if there is none."""
    context: dict[str, Any] = {}
    if options.restricted:
        context |= {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    if options.run_as_user is not None:
        context["runAsUser"] = options.run_as_user
        # The folders of many volumes belong to root. They are given to a group of the user's.
        context |= {"fsGroup": options.run_as_user, "fsGroupChangePolicy": "OnRootMismatch"}
    return context


def container_security(options: KubeflowOptions) -> dict[str, Json]:
    """Return the security context of a container; empty if there is none."""
    if not options.restricted:
        return {}
    return {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}

"""Admission by Pod Security: the profile `restricted`, in namespaces whose labels enforce it."""

from collections.abc import Callable, Iterator

from ..store.resources import JsonObject, Resource
from ..store.status_errors import StatusError, details_of

ENFORCE_LABEL = "pod-security.kubernetes.io/enforce"

_VOLUME_TYPES = frozenset(
    (
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "persistentVolumeClaim",
        "projected",
        "secret",
    )
)


def check_pod_security(resource: Resource, pod: JsonObject, namespace: JsonObject) -> None:
    """Refuse a pod that violates the profile of its namespace."""
    labels = namespace["metadata"].get("labels") or {}
    if labels.get(ENFORCE_LABEL) != "restricted":
        return
    violations = list(_violations(pod["spec"]))
    if violations:
        name = pod["metadata"].get("name", "")
        message = f'{resource.plural} "{name}" is forbidden: violates PodSecurity'
        listed = ", ".join(violations)
        raise StatusError(
            403,
            "Forbidden",
            f'{message} "restricted:latest": {listed}',
            details_of(resource, name),
        )


def _violations(spec: JsonObject) -> Iterator[str]:
    context = spec.get("securityContext") or {}
    host = [f"{key}=true" for key in ("hostNetwork", "hostPID", "hostIPC") if spec.get(key)]
    if host:
        yield f"host namespaces ({', '.join(host)})"
    yield from _in_containers(spec, "privileged", "privileged", _is_privileged, "=false")
    yield from _in_containers(
        spec,
        "allowPrivilegeEscalation != false",
        "allowPrivilegeEscalation",
        _may_escalate,
        "=false",
    )
    yield from _in_containers(
        spec, "unrestricted capabilities", "capabilities.drop", _has_capabilities, '=["ALL"]'
    )
    yield from _volumes(spec)
    if not context.get("runAsNonRoot"):
        yield from _in_containers(
            spec, "runAsNonRoot != true", "runAsNonRoot", _may_be_root, "=true", pod="pod or "
        )
    if context.get("runAsUser") == 0:
        yield "runAsUser=0 (pod must not set runAsUser=0)"
    if not _is_confined(context):
        yield from _in_containers(
            spec,
            "seccompProfile",
            "seccompProfile.type",
            lambda own: not _is_confined(own),
            ' to "RuntimeDefault" or "Localhost"',
            pod="pod or ",
        )


def _in_containers(
    spec: JsonObject,
    violation: str,
    field: str,
    violates: Callable[[JsonObject], bool],
    wanted: str,
    pod: str = "",
) -> Iterator[str]:
    every = [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]
    names = [each["name"] for each in every if violates(each.get("securityContext") or {})]
    if names:
        quoted = ", ".join(f'"{name}"' for name in names)
        noun = "container" if len(names) == 1 else "containers"
        yield f"{violation} ({pod}{noun} {quoted} must set securityContext.{field}{wanted})"


def _is_privileged(context: JsonObject) -> bool:
    return bool(context.get("privileged"))


def _may_escalate(context: JsonObject) -> bool:
    return context.get("allowPrivilegeEscalation") is not False


def _has_capabilities(context: JsonObject) -> bool:
    capabilities = context.get("capabilities") or {}
    added = set(capabilities.get("add") or ()) - {"NET_BIND_SERVICE"}
    return "ALL" not in (capabilities.get("drop") or ()) or bool(added)


def _may_be_root(context: JsonObject) -> bool:
    return not context.get("runAsNonRoot")


def _is_confined(context: JsonObject) -> bool:
    kind = (context.get("seccompProfile") or {}).get("type")
    return kind in {"RuntimeDefault", "Localhost"}


def _volumes(spec: JsonObject) -> Iterator[str]:
    for volume in spec.get("volumes") or []:
        for kind in sorted(set(volume) - {"name"} - _VOLUME_TYPES):
            uses = f'volume "{volume["name"]}" uses restricted volume type "{kind}"'
            yield f"restricted volume types ({uses})"

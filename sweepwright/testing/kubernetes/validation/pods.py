"""Rules for the specification of pods, alone or as the template of a job."""

import re
from collections.abc import Iterator
from typing import Any

from ..store.resources import JsonObject
from ..store.status_errors import DUPLICATE, FORBIDDEN, INVALID, NOT_SUPPORTED, REQUIRED, Cause
from .containers import resource_causes
from .metadata import invalid_value, label_causes, label_problem, quoted, subdomain_problem

_ENV_ADVICE = (
    "a valid environment variable name must consist only of printable ASCII characters other "
    "than '='"
)
_POD_FIELDS = re.compile(
    r"metadata\.(name|namespace|uid|(labels|annotations)\['[^']+'\])"
    r"|spec\.(nodeName|serviceAccountName)|status\.(hostIPs?|podIPs?)"
)
_PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_RESTART_POLICIES = ("Always", "OnFailure", "Never")
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


def pod_causes(spec: JsonObject, path: str) -> Iterator[Cause]:
    """Yield what is wrong with the specification of a pod."""
    volumes = [volume.get("name", "") for volume in spec.get("volumes") or []]
    yield from _volume_causes(spec.get("volumes") or [], f"{path}.volumes")
    if not spec.get("containers"):
        yield Cause(REQUIRED, f"{path}.containers", "Required value")
    seen: list[str] = []
    for part in ("initContainers", "containers"):
        for number, container in enumerate(spec.get(part) or []):
            where = f"{path}.{part}[{number}]"
            yield from _container_causes(container, where, volumes)
            yield from _duplicate(container.get("name", ""), seen, f"{where}.name")
    yield from _choice(spec, "restartPolicy", _RESTART_POLICIES, path)
    yield from label_causes(f"{path}.nodeSelector", spec.get("nodeSelector") or {})
    yield from _toleration_causes(spec.get("tolerations") or [], f"{path}.tolerations")
    account = spec.get("serviceAccountName")
    if account:
        problem = subdomain_problem(account)
        yield from invalid_value(f"{path}.serviceAccountName", account, problem)
    deadline = spec.get("activeDeadlineSeconds")
    if deadline is not None and deadline < 1:
        message = "must be between 1 and 2147483647, inclusive"
        yield from invalid_value(f"{path}.activeDeadlineSeconds", deadline, message)


def _container_causes(container: JsonObject, path: str, volumes: list[str]) -> Iterator[Cause]:
    name = container.get("name")
    if name:
        yield from invalid_value(f"{path}.name", name, label_problem(name))
    if not container.get("image"):
        yield Cause(REQUIRED, f"{path}.image", "Required value")
    elif container["image"] != container["image"].strip():
        message = "must not have leading or trailing whitespace"
        yield from invalid_value(f"{path}.image", container["image"], message)
    yield from _choice(container, "imagePullPolicy", _PULL_POLICIES, path)
    for number, variable in enumerate(container.get("env") or []):
        yield from _variable_causes(variable, f"{path}.env[{number}]")
    yield from _mount_causes(container.get("volumeMounts") or [], f"{path}.volumeMounts", volumes)
    yield from resource_causes(container.get("resources") or {}, f"{path}.resources")


def _variable_causes(variable: JsonObject, path: str) -> Iterator[Cause]:
    name = variable.get("name") or ""
    if name and not all(" " <= letter <= "~" and letter != "=" for letter in name):
        yield from invalid_value(f"{path}.name", name, _ENV_ADVICE)
    source = variable.get("valueFrom")
    if source is None:
        return
    if variable.get("value"):
        message = "may not be specified when `value` is not empty"
        yield from invalid_value(f"{path}.valueFrom", "", message)
    if len([key for key in source if source[key] is not None]) > 1:
        message = "may not have more than one field specified at a time"
        yield from invalid_value(f"{path}.valueFrom", "", message)
    field = (source.get("fieldRef") or {}).get("fieldPath", "")
    if field and not _POD_FIELDS.fullmatch(field):
        message = f"error converting fieldPath: field label not supported: {field}"
        where = f"{path}.valueFrom.fieldRef.fieldPath"
        yield from invalid_value(where, field, message)


def _mount_causes(mounts: list[JsonObject], path: str, volumes: list[str]) -> Iterator[Cause]:
    seen: list[str] = []
    for number, mount in enumerate(mounts):
        name = mount.get("name", "")
        if name and name not in volumes:
            where = f"{path}[{number}].name"
            yield Cause("FieldValueNotFound", where, f"Not found: {quoted(name)}")
        target = mount.get("mountPath", "")
        if target in seen:
            yield from invalid_value(f"{path}[{number}].mountPath", target, "must be unique")
        seen.append(target)


def _volume_causes(volumes: list[JsonObject], path: str) -> Iterator[Cause]:
    seen: list[str] = []
    for number, volume in enumerate(volumes):
        where = f"{path}[{number}]"
        name = volume.get("name", "")
        if name:
            yield from invalid_value(f"{where}.name", name, label_problem(name))
        yield from _duplicate(name, seen, f"{where}.name")
        sources = [key for key, value in volume.items() if key != "name" and value is not None]
        if not sources:
            message = "Required value: must specify a volume type"
            yield Cause(REQUIRED, where, message)
        for extra in sources[1:]:
            message = "Forbidden: may not specify more than 1 volume type"
            yield Cause(FORBIDDEN, f"{where}.{extra}", message)


def _toleration_causes(tolerations: list[JsonObject], path: str) -> Iterator[Cause]:
    for number, toleration in enumerate(tolerations):
        where = f"{path}[{number}]"
        yield from _choice(toleration, "operator", ("Equal", "Exists"), where)
        if toleration.get("effect"):
            yield from _choice(toleration, "effect", _EFFECTS, where)
        if toleration.get("operator") == "Exists" and toleration.get("value"):
            message = "value must be empty when `operator` is 'Exists'"
            yield Cause(INVALID, f"{where}.operator", f'Invalid value: "": {message}')
        if not toleration.get("key") and toleration.get("operator") != "Exists":
            message = 'operator must be Exists when `key` is empty, which means "match all values'
            problem = f'{message} and all keys"'
            yield from invalid_value(f"{where}.operator", toleration.get("operator", ""), problem)


def _choice(value: JsonObject, key: str, allowed: tuple[str, ...], path: str) -> Iterator[Cause]:
    found = value.get(key)
    if found is not None and found not in allowed:
        listed = ", ".join(quoted(each) for each in sorted(allowed))
        message = f"Unsupported value: {quoted(found)}: supported values: {listed}"
        yield Cause(NOT_SUPPORTED, f"{path}.{key}", message)


def _duplicate(value: Any, seen: list[str], path: str) -> Iterator[Cause]:
    if value and value in seen:
        yield Cause(DUPLICATE, path, f"Duplicate value: {quoted(value)}")
    seen.append(value)

"""The environment of a container, from its spec and from the objects that it refers to."""

import base64
import re
from collections.abc import Callable, Mapping

from ...store.resources import CONFIG_MAPS, SECRETS, JsonObject, Resource
from ..quantities import parse_quantity
from .expansion import expand
from .runtime import NotReadyError

Read = Callable[[Resource, str], "JsonObject | None"]
"""Function that returns an object of the pod's namespace by its name."""

_KEYED_FIELD = re.compile(r"metadata\.(labels|annotations)\['([^']*)'\]")


def container_environment(pod: JsonObject, container: JsonObject, read: Read) -> dict[str, str]:
    """Return the variables that a spec sets; raise `NotReadyError` if it refers to nothing."""
    variables: dict[str, str] = {}
    for source in container.get("envFrom") or []:
        prefix = source.get("prefix", "")
        for key, value in _all_values(source, read).items():
            variables[f"{prefix}{key}"] = value
    for each in container.get("env") or []:
        if "valueFrom" in each:
            referred = _referred_value(pod, container, each["valueFrom"], read)
            if referred is not None:
                variables[each["name"]] = referred
        else:
            variables[each["name"]] = expand(str(each.get("value", "")), variables)
    return variables


def values_of(kind: Resource, found: JsonObject) -> dict[str, bytes]:
    """Return the values of a ConfigMap or a Secret by key."""
    if kind == SECRETS:
        encoded: Mapping[str, str] = found.get("data") or {}
        return {key: base64.b64decode(value) for key, value in encoded.items()}
    texts: Mapping[str, str] = found.get("data") or {}
    binary: Mapping[str, str] = found.get("binaryData") or {}
    return {key: value.encode() for key, value in texts.items()} | {
        key: base64.b64decode(value) for key, value in binary.items()
    }


def _all_values(source: JsonObject, read: Read) -> dict[str, str]:
    kind = SECRETS if "secretRef" in source else CONFIG_MAPS
    reference = source.get("secretRef") or source["configMapRef"]
    found = read(kind, reference["name"])
    if found is None:
        if reference.get("optional"):
            return {}
        raise _config_error(f'{kind.kind.lower()} "{reference["name"]}" not found')
    return {key: value.decode() for key, value in values_of(kind, found).items()}


def _referred_value(
    pod: JsonObject, container: JsonObject, source: JsonObject, read: Read
) -> str | None:
    if "fieldRef" in source:
        return _field(pod, source["fieldRef"]["fieldPath"])
    if "resourceFieldRef" in source:
        return _resource(container, source["resourceFieldRef"])
    kind = SECRETS if "secretKeyRef" in source else CONFIG_MAPS
    reference = source.get("secretKeyRef") or source["configMapKeyRef"]
    return _value_of_key(pod, kind, reference, read)


def _value_of_key(
    pod: JsonObject, kind: Resource, reference: JsonObject, read: Read
) -> str | None:
    name, key = reference["name"], reference["key"]
    found = read(kind, name)
    if found is not None and key in (values := values_of(kind, found)):
        return values[key].decode()
    if reference.get("optional"):
        return None
    if found is None:
        raise _config_error(f'{kind.kind.lower()} "{name}" not found')
    namespace = pod["metadata"]["namespace"]
    raise _config_error(f"couldn't find key {key} in {kind.kind} {namespace}/{name}")


def _config_error(message: str) -> NotReadyError:
    return NotReadyError("CreateContainerConfigError", message, "Failed")


def _field(pod: JsonObject, path: str) -> str:
    metadata, spec, status = pod["metadata"], pod["spec"], pod["status"]
    if match := _KEYED_FIELD.fullmatch(path):
        return str((metadata.get(match[1]) or {}).get(match[2], ""))
    values = {
        "metadata.name": metadata["name"],
        "metadata.namespace": metadata["namespace"],
        "metadata.uid": metadata["uid"],
        "spec.nodeName": spec.get("nodeName", ""),
        "spec.serviceAccountName": spec.get("serviceAccountName", "default"),
        "status.hostIP": status.get("hostIP", ""),
        "status.podIP": status.get("podIP", "127.0.0.1"),
    }
    return str(values[path])


def _resource(container: JsonObject, reference: JsonObject) -> str:
    """Return an amount of a resource, in units of the divisor, rounded up."""
    group, _, name = reference["resource"].partition(".")
    amount = (container.get("resources", {}).get(group) or {}).get(name, "0")
    divisor = parse_quantity(reference.get("divisor") or "1") or 1
    return str(int(-(-parse_quantity(amount) // divisor)))

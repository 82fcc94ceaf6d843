"""Patches: JSON merge patch (RFC 7396), JSON patch (RFC 6902) and strategic merge patch.

A strategic merge patch merges lists by the key of their elements where the kind declares one.
"""

import copy
from typing import Any

from .resources import JsonObject
from .status_errors import StatusError, bad_request

MERGE = "application/merge-patch+json"
JSON = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"

# Keys by which lists of built-in kinds are merged; lists of other names are replaced.
_MERGE_KEYS = {
    "conditions": "type",
    "containers": "name",
    "env": "name",
    "ephemeralContainers": "name",
    "imagePullSecrets": "name",
    "initContainers": "name",
    "ownerReferences": "uid",
    "ports": "containerPort",
    "volumeMounts": "mountPath",
    "volumes": "name",
}


def apply_patch(kind: str, value: JsonObject, patch: Any) -> JsonObject:
    """Return what a patch makes of an object, which stays as it is."""
    if kind == JSON:
        return _json_patch(copy.deepcopy(value), patch)
    if not isinstance(patch, dict):
        raise bad_request("json: cannot unmarshal a patch that is no object")
    merged: JsonObject = _strategic(value, patch) if kind == STRATEGIC else _merge(value, patch)
    return merged


def _merge(value: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    merged = dict(value) if isinstance(value, dict) else {}
    for key, change in patch.items():
        if change is None:
            merged.pop(key, None)
        else:
            merged[key] = _merge(merged.get(key), change)
    return merged


def _strategic(value: Any, patch: Any) -> Any:
    if not isinstance(patch, dict) or patch.get("$patch") == "replace":
        return (
            {k: v for k, v in patch.items() if k != "$patch"} if isinstance(patch, dict) else patch
        )
    merged = dict(value) if isinstance(value, dict) else {}
    for key, change in patch.items():
        merge_key = _MERGE_KEYS.get(key)
        if change is None:
            merged.pop(key, None)
        elif key == "finalizers":
            merged[key] = list(dict.fromkeys([*merged.get(key, []), *change]))
        elif key.startswith("$deleteFromPrimitiveList/"):
            name = key.partition("/")[2]
            merged[name] = [item for item in merged.get(name, []) if item not in change]
        elif merge_key and isinstance(change, list):
            merged[key] = _merge_list(merged.get(key) or [], change, merge_key)
        elif not key.startswith("$"):
            merged[key] = _strategic(merged.get(key), change)
    return merged


def _merge_list(items: list[Any], changes: list[Any], key: str) -> list[Any]:
    merged = list(items)
    for change in changes:
        if key not in change:
            raise bad_request(f"map: {change} does not contain declared merge key: {key}")
        found = [n for n, item in enumerate(merged) if item.get(key) == change[key]]
        if change.get("$patch") == "delete":
            merged = [item for item in merged if item.get(key) != change[key]]
        elif found:
            merged[found[0]] = _strategic(merged[found[0]], change)
        else:
            merged.append(change)
    return merged


def _json_patch(value: Any, patch: Any) -> JsonObject:
    if not isinstance(patch, list):
        raise bad_request("json: cannot unmarshal object into Go value of type jsonpatch.Patch")
    holder = {"": value}
    for operation in patch:
        try:
            _operate(holder, operation)
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise _unprocessable(operation, error) from error
    patched: JsonObject = holder[""]
    return patched


def _operate(holder: Any, operation: JsonObject) -> None:
    name = operation["op"]
    path = operation["path"]
    if name in {"add", "replace"}:
        _set(holder, path, copy.deepcopy(operation["value"]), insert=name == "add")
    elif name == "remove":
        _take(holder, path)
    elif name == "move":
        _set(holder, path, _take(holder, operation["from"]), insert=True)
    elif name == "copy":
        _set(holder, path, copy.deepcopy(_look_up(holder, operation["from"])), insert=True)
    elif name == "test":
        if _look_up(holder, path) != operation["value"]:
            raise ValueError("testing value failed")
    else:
        raise ValueError(f"unexpected kind: {name}")


def _steps(path: str) -> list[str]:
    if path and not path.startswith("/"):
        raise ValueError("a path begins with a slash")
    return [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")]


def _parent(holder: Any, path: str) -> tuple[Any, Any]:
    *steps, last = _steps(path)
    target = holder
    for step in steps:
        target = target[int(step)] if isinstance(target, list) else target[step]
    if isinstance(target, list):
        return target, len(target) if last == "-" else int(last)
    return target, last


def _look_up(holder: Any, path: str) -> Any:
    target, key = _parent(holder, path)
    return target[key]


def _set(holder: Any, path: str, value: Any, *, insert: bool) -> None:
    target, key = _parent(holder, path)
    if isinstance(target, list) and insert:
        if not 0 <= key <= len(target):
            raise IndexError(key)
        target.insert(key, value)
        return
    if not insert:
        target[key]
    target[key] = value


def _take(holder: Any, path: str) -> Any:
    target, key = _parent(holder, path)
    return target.pop(key)


def _unprocessable(operation: Any, error: Exception) -> StatusError:
    message = f"the server rejected our request due to an error in our request: {error}"
    detail = {"causes": [{"reason": "UnexpectedServerResponse", "message": str(operation)}]}
    return StatusError(422, "Invalid", message, detail)

"""Rules of the built-in kinds that go beyond types and required fields."""

import base64
import re
from collections.abc import Callable, Iterator, Mapping

from ..store.resources import CONFIG_MAPS, JOBS, PODS, JsonObject, Resource
from ..store.status_errors import FORBIDDEN, INVALID, NOT_SUPPORTED, REQUIRED, TOO_LONG, Cause
from .metadata import annotation_causes, invalid_value, label_causes, quoted
from .pods import pod_causes

_CONFIG_MAP_LIMIT = 1024 * 1024
_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_KEY_ADVICE = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. "
    "'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
)

_Check = Callable[[JsonObject, "JsonObject | None"], Iterator[Cause]]


def kind_causes(resource: Resource, value: JsonObject, old: JsonObject | None) -> list[Cause]:
    """Return what is wrong with an object of a built-in kind, alone or as a change of `old`."""
    check = _CHECKS.get(resource)
    return [] if check is None else list(check(value, old))


def _config_map(value: JsonObject, old: JsonObject | None) -> Iterator[Cause]:
    data, binary = value.get("data") or {}, value.get("binaryData") or {}
    for part, entries in (("data", data), ("binaryData", binary)):
        for key in entries:
            yield from invalid_value(f"{part}[{key}]", key, _key_problem(key))
            if part == "binaryData" and key in data:
                message = "duplicate of key present in data"
                yield from invalid_value(f"{part}[{key}]", key, message)
    if _size(data, binary) > _CONFIG_MAP_LIMIT:
        message = f"Too long: may not be more than {_CONFIG_MAP_LIMIT} bytes"
        yield Cause(TOO_LONG, "[]", message)
    if old is not None and old.get("immutable"):
        for part in ("immutable", "data", "binaryData"):
            if (value.get(part) or None) != (old.get(part) or None):
                message = "Forbidden: field is immutable when `immutable` is set"
                yield Cause(FORBIDDEN, part, message)


def _key_problem(key: str) -> str | None:
    if len(key) > 253:
        return "must be no more than 253 characters"
    if key in {".", ".."}:
        return f"must not be '{key}'"
    return None if _KEY.fullmatch(key) else _KEY_ADVICE


def _size(data: Mapping[str, str], binary: Mapping[str, str]) -> int:
    texts = sum(len(text.encode()) for text in data.values())
    return texts + sum(len(base64.b64decode(text)) for text in binary.values())


def _pod(value: JsonObject, old: JsonObject | None) -> Iterator[Cause]:
    spec = value.get("spec") or {}
    yield from pod_causes(spec, "spec")
    if old is not None and _frozen_part(spec) != _frozen_part(old.get("spec") or {}):
        message = (
            "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
            "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only "
            "additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to "
            "be set to 1 if it was previously negative)"
        )
        yield Cause(FORBIDDEN, "spec", message)


def _frozen_part(spec: JsonObject) -> JsonObject:
    """Return what must not change of a pod."""
    free = {"activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds"}
    frozen = {key: value for key, value in spec.items() if key not in free}
    for part in ("containers", "initContainers"):
        if part in frozen:
            frozen[part] = [{**each, "image": None} for each in frozen[part]]
    return frozen


def _job(value: JsonObject, old: JsonObject | None) -> Iterator[Cause]:
    spec = value.get("spec") or {}
    template = spec.get("template") or {}
    metadata = template.get("metadata") or {}
    for number in ("parallelism", "completions", "backoffLimit", "ttlSecondsAfterFinished"):
        if (spec.get(number) or 0) < 0:
            message = "must be greater than or equal to 0"
            yield from invalid_value(f"spec.{number}", spec[number], message)
    if spec.get("completionMode") == "Indexed" and spec.get("completions") is None:
        message = "Required value: when completion mode is Indexed"
        yield Cause(REQUIRED, "spec.completions", message)
    yield from label_causes("spec.template.labels", metadata.get("labels") or {})
    yield from annotation_causes("spec.template.annotations", metadata.get("annotations") or {})
    yield from pod_causes(template.get("spec") or {}, "spec.template.spec")
    yield from _job_restart((template.get("spec") or {}).get("restartPolicy"))
    yield from _job_changes(spec, old)


def _job_restart(policy: str | None) -> Iterator[Cause]:
    where = "spec.template.spec.restartPolicy"
    if policy is None:
        message = 'Required value: valid values: "OnFailure", "Never"'
        yield Cause(REQUIRED, where, message)
    elif policy == "Always":
        message = f'Unsupported value: {quoted(policy)}: supported values: "OnFailure", "Never"'
        yield Cause(NOT_SUPPORTED, where, message)


def _job_changes(spec: JsonObject, old: JsonObject | None) -> Iterator[Cause]:
    if old is None:
        return
    before = old.get("spec") or {}
    # The template of a job that is suspended and has never started may still be changed.
    queued = before.get("suspend") and not (old.get("status") or {}).get("startTime")
    for field in ("completions", "selector", "template", "completionMode", "managedBy"):
        if field == "template" and queued:
            continue
        if spec.get(field) != before.get(field):
            shown = quoted(spec.get(field)) if field != "template" else "core.PodTemplateSpec{...}"
            message = f"Invalid value: {shown}: field is immutable"
            yield Cause(INVALID, f"spec.{field}", message)


_CHECKS: Mapping[Resource, _Check] = {CONFIG_MAPS: _config_map, PODS: _pod, JOBS: _job}

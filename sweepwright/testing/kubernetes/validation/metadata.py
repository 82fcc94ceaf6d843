"""Rules for the metadata of objects of any kind."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..store.resources import JsonObject, Resource
from ..store.status_errors import INVALID, REQUIRED, TOO_LONG, Cause

_SUBDOMAIN = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
_SUBDOMAIN_ADVICE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used "
    f"for validation is '{_SUBDOMAIN}')"
)
_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_LABEL_ADVICE = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
    "must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used "
    f"for validation is '{_LABEL}')"
)
_QUALIFIED_NAME = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_QUALIFIED_ADVICE = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end "
    "with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
    f"validation is '{_QUALIFIED_NAME}')"
)
_LABEL_VALUE = r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?"
_LABEL_VALUE_ADVICE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or "
    "'.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  "
    f"or '12345', regex used for validation is '{_LABEL_VALUE}')"
)
_LONGEST_NAME = 253
_LONGEST_LABEL = 63
_ANNOTATIONS_LIMIT = 256 * 1024

# Kinds whose names become names of hosts, or of directories, and so must be labels.
_LABEL_NAMED = frozenset(("namespaces", "services"))


def metadata_causes(resource: Resource, found: JsonObject) -> list[Cause]:
    """Return what is wrong with an object's metadata."""
    metadata = found.get("metadata", {})
    return [
        *_name_causes(resource, metadata),
        *label_causes("metadata.labels", metadata.get("labels") or {}),
        *annotation_causes("metadata.annotations", metadata.get("annotations") or {}),
        *_owner_causes(metadata.get("ownerReferences") or []),
        *_finalizer_causes(metadata.get("finalizers") or []),
    ]


def subdomain_problem(text: str) -> str | None:
    """Return what is wrong with a DNS-1123 subdomain."""
    if len(text) > _LONGEST_NAME:
        return f"must be no more than {_LONGEST_NAME} characters"
    return None if re.fullmatch(_SUBDOMAIN, text) else _SUBDOMAIN_ADVICE


def label_problem(text: str) -> str | None:
    """Return what is wrong with a DNS-1123 label."""
    if len(text) > _LONGEST_LABEL:
        return f"must be no more than {_LONGEST_LABEL} characters"
    return None if re.fullmatch(_LABEL, text) else _LABEL_ADVICE


def qualified_name_problem(text: str) -> str | None:
    """Return what is wrong with a key of labels or annotations, such as ``example.com/name``."""
    prefix, slash, name = text.rpartition("/")
    if slash and not prefix:
        return "prefix part must be non-empty"
    if slash and (problem := subdomain_problem(prefix)):
        return f"prefix part {problem}"
    if not name:
        return "name part must be non-empty"
    if len(name) > _LONGEST_LABEL:
        return f"name part must be no more than {_LONGEST_LABEL} characters"
    return None if re.fullmatch(_QUALIFIED_NAME, name) else _QUALIFIED_ADVICE


def label_causes(field: str, labels: Mapping[str, str]) -> Iterator[Cause]:
    """Yield what is wrong with labels."""
    for key, value in labels.items():
        yield from invalid_value(field, key, qualified_name_problem(key))
        if len(value) > _LONGEST_LABEL:
            problem: str | None = f"must be no more than {_LONGEST_LABEL} characters"
        else:
            problem = None if re.fullmatch(_LABEL_VALUE, value) else _LABEL_VALUE_ADVICE
        yield from invalid_value(field, value, problem)


def annotation_causes(field: str, annotations: Mapping[str, str]) -> Iterator[Cause]:
    """Yield what is wrong with annotations."""
    for key in annotations:
        yield from invalid_value(field, key, qualified_name_problem(key.lower()))
    size = sum(len(k.encode()) + len(v.encode()) for k, v in annotations.items())
    if size > _ANNOTATIONS_LIMIT:
        message = f"Too long: may not be more than {_ANNOTATIONS_LIMIT} bytes"
        yield Cause(TOO_LONG, field, message)


def invalid_value(field: str, value: Any, problem: str | None) -> Iterator[Cause]:
    """Yield that a field's value has a problem, if it has one."""
    if problem is not None:
        yield Cause(INVALID, field, f"Invalid value: {quoted(value)}: {problem}")


def quoted(value: Any) -> str:
    """Return a value as messages of the server show it."""
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _name_causes(resource: Resource, metadata: JsonObject) -> Iterator[Cause]:
    problem_of = label_problem if resource.plural in _LABEL_NAMED else subdomain_problem
    prefix = metadata.get("generateName")
    if prefix:  # a trailing dash is followed by what the server adds
        yield from invalid_value("metadata.generateName", prefix, problem_of(f"{prefix}0"))
    name = metadata.get("name")
    if not name and not prefix:
        yield Cause(REQUIRED, "metadata.name", "Required value: name or generateName is required")
    elif name:
        yield from invalid_value("metadata.name", name, problem_of(name))


def _owner_causes(owners: list[JsonObject]) -> Iterator[Cause]:
    for number, owner in enumerate(owners):
        field = f"metadata.ownerReferences[{number}]"
        for key in ("apiVersion", "kind", "name", "uid"):
            if not owner.get(key):
                problem = {"uid": "uid must not be empty", "name": "name must not be empty"}.get(
                    key, "must not be empty"
                )
                yield from invalid_value(f"{field}.{key}", owner.get(key) or "", problem)
    controllers = [owner for owner in owners if owner.get("controller")]
    if len(controllers) > 1:
        message = "Only one reference can have Controller set to true"
        yield from invalid_value("metadata.ownerReferences", "[...]", message)


def _finalizer_causes(finalizers: list[str]) -> Iterator[Cause]:
    for name in finalizers:
        problem = qualified_name_problem(name)
        if problem is None and "/" not in name and name not in _KNOWN_FINALIZERS:
            problem = "name is neither a standard finalizer name nor is it fully qualified"
        yield from invalid_value("metadata.finalizers", name, problem)


_KNOWN_FINALIZERS = frozenset(("kubernetes", "orphan", "foregroundDeletion"))

"""Schemas of custom resource definitions: pruning, defaults and validation.

The server's dialect of OpenAPI differs from JSON Schema in ``nullable`` and
``x-kubernetes-int-or-string``, which are converted, and it words its errors in its own way.
"""

import copy
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from ..store.resources import JsonObject
from ..store.status_errors import DUPLICATE, Cause
from .cel import has_rules, rule_causes
from .metadata import quoted
from .optional import jsonschema
from .schema_errors import schema_causes


class Schema:
    """Schema of one version of a custom kind."""

    def __init__(self, definition: JsonObject) -> None:
        versions = definition["spec"]["versions"]
        version = next(version for version in versions if version["storage"])
        self.openapi: JsonObject = version["schema"]["openAPIV3Schema"]
        # Metadata is open in definitions: the server knows its fields by itself.
        fixed = dict.fromkeys(("apiVersion", "kind", "metadata"), _ANYTHING)
        self._known = {**self.openapi.get("properties", {}), **fixed}
        self.has_rules = has_rules(self.openapi)
        """Whether the schema has rules in CEL."""
        library = jsonschema()
        checker = library.FormatChecker(formats=())
        for name, check in _FORMATS.items():
            checker.checks(name)(check)
        self._validator = library.Draft202012Validator(
            _converted(self.openapi), format_checker=checker
        )

    def prune(self, value: JsonObject) -> tuple[JsonObject, list[str]]:
        """Return an object without the fields that the schema lacks, and the paths of those."""
        unknown: list[str] = []
        pruned = _pruned({**self.openapi, "properties": self._known}, value, "", unknown)
        return pruned, unknown

    def add_defaults(self, value: JsonObject) -> JsonObject:
        """Return an object with the defaults of the schema in the fields that it lacks."""
        defaulted: JsonObject = _defaulted(self.openapi, copy.deepcopy(value))
        return defaulted

    def rule_causes(self, value: JsonObject, old: JsonObject | None) -> list[Cause]:
        """Return the rules in CEL that an object breaks, alone or as a change of another."""
        found = rule_causes(self.openapi, value, *(() if old is None else (old,)))
        return sorted(found, key=lambda cause: cause.field)

    def causes(self, value: JsonObject) -> list[Cause]:
        """Return what is wrong with an object, field by field."""
        errors = self._validator.iter_errors(value)
        found = [cause for error in errors for cause in schema_causes(error)]
        return sorted([*found, *_duplicates(self.openapi, value, "")], key=lambda c: c.field)


_ANYTHING: JsonObject = {"x-kubernetes-preserve-unknown-fields": True}


def _pruned(schema: JsonObject, value: Any, path: str, unknown: list[str]) -> Any:
    if isinstance(value, list):
        items = schema.get("items", _ANYTHING)
        return [_pruned(items, each, f"{path}[{n}]", unknown) for n, each in enumerate(value)]
    if not isinstance(value, dict):
        return value
    kept = {}
    known = schema.get("properties", {})
    for key, each in value.items():
        where = f"{path}.{key}" if path else key
        inner = known.get(key) or _additional(schema)
        if inner is None:
            unknown.append(where)
        else:
            kept[key] = _pruned(inner, each, where, unknown)
    return kept


def _additional(schema: JsonObject) -> JsonObject | None:
    if schema.get("x-kubernetes-preserve-unknown-fields"):
        return _ANYTHING
    additional = schema.get("additionalProperties")
    return _ANYTHING if additional is True else additional or None


def _defaulted(schema: JsonObject, value: Any) -> Any:
    if isinstance(value, list):
        return [_defaulted(schema.get("items", {}), each) for each in value]
    if not isinstance(value, dict):
        return value
    properties: JsonObject = schema.get("properties", {})
    for key, inner in properties.items():
        if "default" in inner and value.get(key) is None and not inner.get("nullable"):
            value[key] = copy.deepcopy(inner["default"])
    for key, each in value.items():
        inner = properties.get(key) or _additional(schema) or {}
        value[key] = _defaulted(inner, each)
    return value


def _converted(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_converted(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    converted = {
        key: {name: _converted(each) for name, each in value.items()}
        if key == "properties"
        else _converted(value)
        for key, value in schema.items()
        if key not in {"default", "nullable", "description"} and not key.startswith("x-")
    }
    if schema.get("x-kubernetes-int-or-string"):
        converted.pop("anyOf", None)
        converted["type"] = ["integer", "string"]
    if schema.get("nullable") and "type" in converted:
        types = converted["type"]
        converted["type"] = [*(types if isinstance(types, list) else [types]), "null"]
    return converted


def _duplicates(schema: JsonObject, value: Any, path: str) -> Iterator[Cause]:
    """Yield the elements of keyed lists and of sets that are there twice."""
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        for key, each in value.items():
            inner = properties.get(key) or _additional(schema) or {}
            yield from _duplicates(inner, each, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        yield from _duplicates_of(schema, value, path)
        for number, each in enumerate(value):
            yield from _duplicates(schema.get("items", {}), each, f"{path}[{number}]")


def _duplicates_of(schema: JsonObject, items: list[Any], path: str) -> Iterator[Cause]:
    keys = schema.get("x-kubernetes-list-map-keys")
    if schema.get("x-kubernetes-list-type") not in {"map", "set"}:
        return
    seen: list[Any] = []
    for number, each in enumerate(items):
        if keys and not isinstance(each, dict):
            continue
        identity = {key: each.get(key) for key in keys if key in each} if keys else each
        if identity in seen:
            yield Cause(DUPLICATE, f"{path}[{number}]", f"Duplicate value: {_compact(identity)}")
        seen.append(identity)


def _compact(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f'"{key}":{quoted(each)}' for key, each in value.items()) + "}"
    return quoted(value)


def _is_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _fits(bits: int) -> Callable[[object], bool]:
    limit = 2 ** (bits - 1)
    return lambda value: not isinstance(value, int) or -limit <= value < limit


_FORMATS = {"date-time": _is_time, "int32": _fits(32), "int64": _fits(64)}

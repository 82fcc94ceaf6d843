"""Rules of definitions in CEL (``x-kubernetes-validations``): the few forms that are in use.

This is no interpreter of CEL. A rule of a form that is unknown here is taken as met.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from ..store.resources import JsonObject
from ..store.status_errors import INVALID, Cause

_Holds = Callable[[Any, "re.Match[str]"], bool]
_MISSING = object()


def has_rules(schema: Any) -> bool:
    """Tell whether a schema has any rule."""
    if isinstance(schema, dict):
        return "x-kubernetes-validations" in schema or any(map(has_rules, schema.values()))
    return isinstance(schema, list) and any(map(has_rules, schema))


def rule_causes(
    schema: JsonObject, value: Any, old: Any = _MISSING, path: str = ""
) -> Iterator[Cause]:
    """Yield the rules that a value breaks, with those that forbid it to change from `old`."""
    for rule in schema.get("x-kubernetes-validations", ()):
        if not _holds(rule["rule"], value, old):
            message = rule.get("message", f"failed rule: {rule['rule']}")
            shown = f'"{schema.get("type", "object")}"'
            yield Cause(INVALID, path or "<nil>", f"Invalid value: {shown}: {message}")
    if isinstance(value, dict):
        yield from _in_object(schema, value, old, path)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            earlier = _same_item(schema, item, old)
            yield from rule_causes(schema.get("items", {}), item, earlier, f"{path}[{number}]")


def _in_object(schema: JsonObject, value: JsonObject, old: Any, path: str) -> Iterator[Cause]:
    properties = schema.get("properties", {})
    additional = schema.get("additionalProperties")
    for key, each in value.items():
        inner = properties.get(key) or (additional if isinstance(additional, dict) else None)
        if inner is not None:
            earlier = old.get(key, _MISSING) if isinstance(old, dict) else _MISSING
            yield from rule_causes(inner, each, earlier, f"{path}.{key}" if path else key)


def _same_item(schema: JsonObject, item: Any, old: Any) -> Any:
    keys = schema.get("x-kubernetes-list-map-keys")
    if not keys or not isinstance(old, list) or not isinstance(item, dict):
        return _MISSING
    same = (each for each in old if all(each.get(key) == item.get(key) for key in keys))
    return next(same, _MISSING)


def _holds(rule: str, value: Any, old: Any) -> bool:
    if rule == "self == oldSelf":
        return old is _MISSING or value == old
    for form, holds in _FORMS:
        match = form.fullmatch(rule)
        if match is not None:
            return holds(value, match)
    return True


def _quoted_items(text: str) -> list[str]:
    return re.findall(r"'([^']*)'", text)


_FORMS: tuple[tuple["re.Pattern[str]", _Holds], ...] = (
    (re.compile(r"self >= (\d+)"), lambda value, m: value >= int(m[1])),
    (re.compile(r"self in \[(.*)\]"), lambda value, m: value in _quoted_items(m[1])),
    (
        re.compile(r"self == '' \|\| self\.matches\('(.*)'\)"),
        lambda value, m: value == "" or re.search(m[1], value) is not None,
    ),
    (
        re.compile(r"self\.metadata\.name\.matches\('(.*)'\)"),
        lambda value, m: re.search(m[1], value["metadata"].get("name", "")) is not None,
    ),
    (
        re.compile(r"size\(self\.metadata\.name\) <= (\d+)"),
        lambda value, m: len(value["metadata"].get("name", "")) <= int(m[1]),
    ),
    (re.compile(r"has\(self\.(\w+)\)"), lambda value, m: m[1] in value),
)

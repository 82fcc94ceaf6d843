"""Label and field selectors.

The grammar of labels is that of the server: ``a=b``, ``a==b``, ``a!=b``, ``a in (b,c)``,
``a notin (b,c)``, ``a`` (exists) and ``!a``, joined by commas.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from .resources import JsonObject, Resource
from .status_errors import bad_request

Selects: TypeAlias = Callable[[JsonObject], bool]

_TOKEN = re.compile(r"\s*(==|!=|[=!(),]|[^\s=!(),]+|$)")
_SYMBOLS = frozenset(("=", "==", "!=", "!", "(", ")", ","))

# What a kind can be selected by, apart from its name and namespace.
_FIELDS: dict[str, tuple[str, ...]] = {
    "Pod": (
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "status.phase",
        "status.podIP",
    ),
    "Event": (
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "involvedObject.resourceVersion",
        "involvedObject.fieldPath",
        "reason",
        "reportingComponent",
        "source",
        "type",
    ),
    "Job": ("status.successful",),
    "Namespace": ("status.phase",),
    "Node": ("spec.unschedulable",),
    "Secret": ("type",),
}


def label_selector(text: str) -> Selects:
    """Return what tells whether an object's labels meet a selector."""
    requirements = list(_requirements(text)) if text.strip() else []

    def selects(found: JsonObject) -> bool:
        labels = found["metadata"].get("labels") or {}
        return all(meets(labels) for meets in requirements)

    return selects


def field_selector(resource: Resource, text: str) -> Selects:
    """Return what tells whether an object's fields meet a selector."""
    supported = ("metadata.name", "metadata.namespace", *_FIELDS.get(resource.kind, ()))
    wanted = [_field_term(term, supported) for term in text.split(",") if term.strip()]

    def selects(found: JsonObject) -> bool:
        return all((_field(found, path) == value) is equal for path, value, equal in wanted)

    return selects


def _field_term(term: str, supported: tuple[str, ...]) -> tuple[str, str, bool]:
    match = re.fullmatch(r"\s*([^=!]+?)\s*(!=|==|=)\s*(.*?)\s*", term)
    if match is None:
        raise bad_request(f"invalid field selector; can't understand '{term}'")
    path, operator, value = match.groups()
    if path not in supported:
        raise bad_request(f"field label not supported: {path}")
    return path, value, operator != "!="


def _field(found: JsonObject, path: str) -> str:
    value: Any = found
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    if isinstance(value, dict):  # `source` of an event is selected by its component
        value = value.get("component")
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


class _Tokens:
    def __init__(self, text: str) -> None:
        self.left = [match[1] for match in _TOKEN.finditer(text) if match[1]]

    def peek(self) -> str:
        return self.left[0] if self.left else ""

    def take(self) -> str:
        return self.left.pop(0) if self.left else ""

    def identifier(self) -> str:
        token = self.take()
        if not token or token in _SYMBOLS:
            raise _unparsable(token, "identifier")
        return token

    def symbol(self, expected: str) -> None:
        token = self.take()
        if token != expected:
            raise _unparsable(token, f"'{expected}'")


def _unparsable(found: str, expected: str) -> Exception:
    return bad_request(f"unable to parse requirement: found '{found}', expected: {expected}")


def _requirements(text: str) -> Iterator[Callable[[JsonObject], bool]]:
    tokens = _Tokens(text)
    while True:
        yield _requirement(tokens)
        if not tokens.peek():
            return
        tokens.symbol(",")


def _requirement(tokens: _Tokens) -> Callable[[JsonObject], bool]:
    if tokens.peek() == "!":
        tokens.take()
        absent = tokens.identifier()
        return lambda labels: absent not in labels
    key = tokens.identifier()
    operator = tokens.peek()
    if operator in {"", ","}:
        return lambda labels: key in labels
    tokens.take()
    if operator in {"=", "==", "!="}:
        values = {_value(tokens)}
    elif operator in {"in", "notin"}:
        values = _values(tokens)
    else:
        raise _unparsable(operator, "in, notin, =, ==, !=, gt, lt")
    if operator in {"!=", "notin"}:
        return lambda labels: labels.get(key) not in values
    return lambda labels: labels.get(key) in values


def _value(tokens: _Tokens) -> str:
    return "" if tokens.peek() in {"", ","} else tokens.identifier()


def _values(tokens: _Tokens) -> set[str]:
    tokens.symbol("(")
    values = {_value(tokens)}
    while tokens.peek() == ",":
        tokens.take()
        values.add(_value(tokens))
    tokens.symbol(")")
    return values

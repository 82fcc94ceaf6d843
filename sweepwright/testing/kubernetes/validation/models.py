"""Strict decoding of built-in kinds, by the models of the Kubernetes client.

A server refuses a value of the wrong type with 400 when it decodes the object, before it looks at
anything else. It drops fields that it does not know, with a warning, or refuses those with 400 if
the client asks for strictness.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from ..store.resources import JsonObject, Resource
from ..store.status_errors import REQUIRED, Cause, StatusError, bad_request
from .optional import kubernetes_models

_CONTAINERS = re.compile(r"(list|dict)[\[(](?:str, )?(.*)[\])]", re.IGNORECASE)
_SCALARS: dict[str, tuple[type | tuple[type, ...], str]] = {
    "str": (str, "string"),
    "int": (int, "int64"),
    "float": ((int, float), "float64"),
    "bool": (bool, "bool"),
    "datetime": (str, "v1.Time"),
    "bytes": (str, "[]uint8"),
}
# Quantities may be written as numbers, though the models say that they are strings.
_QUANTITIES = frozenset(("limits", "requests", "sizeLimit", "divisor", "hard", "capacity"))


class Models:
    """The kinds for which the client has models."""

    def __init__(self) -> None:
        self._library = kubernetes_models()

    def root(self, resource: Resource) -> Any:
        """Return the model of a kind, or None if it is custom or the client has none."""
        if resource.custom:
            return None
        return getattr(self._library, f"V1{resource.kind}", None)

    def prune(self, resource: Resource, value: JsonObject) -> tuple[JsonObject, list[str]]:
        """Return an object without unknown fields, and the paths of those.

        Raises
        ------
        StatusError
            Where a value is of the wrong type.
        """
        decoding = _Decoding(self._library, resource)
        pruned: JsonObject = decoding.object(self.root(resource), value, "")
        return pruned, decoding.unknown

    def prune_metadata(
        self, resource: Resource, metadata: JsonObject
    ) -> tuple[JsonObject, list[str]]:
        """Return the metadata of a custom object likewise."""
        decoding = _Decoding(self._library, resource)
        pruned = decoding.object(self._library.V1ObjectMeta, metadata, "metadata")
        return pruned, decoding.unknown

    def causes(self, resource: Resource, value: JsonObject) -> list[Cause]:
        """Return the required fields that an object lacks."""
        return list(_missing(self._library, self.root(resource), value, ""))


class _Decoding:
    """Walk through one object, as a decoder in Go goes."""

    def __init__(self, library: Any, resource: Resource) -> None:
        self._library = library
        self._resource = resource
        self.unknown: list[str] = []

    def object(self, model: Any, value: JsonObject, path: str) -> JsonObject:
        fields = _fields(model)
        kept = {}
        for key, each in value.items():
            where = f"{path}.{key}" if path else key
            if key not in fields:
                self.unknown.append(where)
            elif key in _QUANTITIES:
                kept[key] = _with_text_quantities(each)
            else:
                kept[key] = self._value(fields[key], each, where, model)
        return kept

    def _value(self, kind: str, value: Any, path: str, model: Any) -> Any:
        if value is None or kind == "object":
            return value
        container = _CONTAINERS.fullmatch(kind)
        if container is not None:
            return self._container(container, value, path, model)
        if kind in _SCALARS:
            return self._scalar(kind, value, path, model)
        if not isinstance(value, dict):
            raise self._wrong(value, path, model, f"v1.{_go_name(kind)}")
        return self.object(getattr(self._library, kind), value, path)

    def _container(self, kind: "re.Match[str]", value: Any, path: str, model: Any) -> Any:
        inner = kind[2]
        if kind[1].lower() == "list":
            if not isinstance(value, list):
                raise self._wrong(value, path, model, f"[]{_go_type(inner)}")
            items = enumerate(value)
            return [self._value(inner, each, f"{path}[{n}]", model) for n, each in items]
        if not isinstance(value, dict):
            raise self._wrong(value, path, model, f"map[string]{_go_type(inner)}")
        if inner == "bytes" or path == "binaryData":
            self._check_base64(value)
        return {k: self._value(inner, each, f"{path}.{k}", model) for k, each in value.items()}

    def _scalar(self, kind: str, value: Any, path: str, model: Any) -> Any:
        types, name = _SCALARS[kind]
        is_flag = isinstance(value, bool)
        if isinstance(value, types) and (kind == "bool" or not is_flag):
            return value
        raise self._wrong(value, path, model, name)

    def _check_base64(self, values: JsonObject) -> None:
        for text in values.values():
            try:
                base64.b64decode(text or "", validate=True)
            except (binascii.Error, TypeError, ValueError):
                raise self._refused("illegal base64 data at input byte 0") from None

    def _wrong(self, value: Any, path: str, model: Any, wanted: str) -> StatusError:
        field = re.sub(r"\[\d+\]", "", path)
        return self._refused(
            f"json: cannot unmarshal {_json_kind(value)} into Go struct field "
            f"{_go_name(model.__name__)}.{field} of type {wanted}"
        )

    def _refused(self, problem: str) -> StatusError:
        kind, version = self._resource.kind, self._resource.version
        return bad_request(
            f'{kind} in version "{version}" cannot be handled as a {kind}: {problem}'
        )


def _missing(library: Any, model: Any, value: JsonObject, path: str) -> Iterator[Cause]:
    for key in _required(model):
        if value.get(key) in (None, ""):
            yield Cause(REQUIRED, f"{path}.{key}" if path else key, "Required value")
    for key, kind in _fields(model).items():
        each = value.get(key)
        where = f"{path}.{key}" if path else key
        container = _CONTAINERS.fullmatch(kind)
        inner = getattr(library, container[2] if container else kind, None)
        if inner is None or key in {"status", "metadata"}:
            continue
        if isinstance(each, list):
            for number, item in enumerate(each):
                if isinstance(item, dict):
                    yield from _missing(library, inner, item, f"{where}[{number}]")
        elif isinstance(each, dict) and not container:
            yield from _missing(library, inner, each, where)


@cache
def _fields(model: Any) -> dict[str, str]:
    """Return the types of a model's fields by their names in JSON."""
    return {model.attribute_map[name]: kind for name, kind in model.openapi_types.items()}


@cache
def _required(model: Any) -> tuple[str, ...]:
    names = [name for name in model.openapi_types if _is_required(model, name)]
    return tuple(model.attribute_map[name] for name in names)


def _is_required(model: Any, name: str) -> bool:
    fields = getattr(model, "model_fields", None)
    if fields is not None:  # clients since 37 have pydantic's models
        return bool(fields[name].is_required())
    blank = model.__new__(model)
    blank.local_vars_configuration = _Validating
    try:
        setattr(blank, name, None)
    except ValueError:
        return True
    return False


class _Validating:
    """What the setters of older clients look at."""

    client_side_validation = True


def _with_text_quantities(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_text_quantities(each) for key, each in value.items()}
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value:g}" if number else value


def _json_kind(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    kinds: dict[type, str] = {str: "string", list: "array", dict: "object"}
    return kinds.get(type(value), "number")


def _go_name(model: str) -> str:
    return re.sub(r"^(Core)?V1", "", model)


def _go_type(kind: str) -> str:
    return _SCALARS[kind][1] if kind in _SCALARS else f"v1.{_go_name(kind)}"

"""Validates objects as an API server does with ``fieldValidation=Strict``.

Objects of Kubeflow are validated by their published schemas, which lie beside the checkout, and
those of Kubernetes by the models of its client. Both list every field that exists.
"""

import base64
import inspect
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

SCHEMAS = Path(__file__).resolve().parents[4].parent / "shared" / "kubernetes"
_FILES = {
    "PyTorchJob": "kubeflow.org_pytorchjobs.json",
    "TFJob": "kubeflow.org_tfjobs.json",
    "TrainJob": "trainer.kubeflow.org_trainjobs.json",
}
_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}


def violations(manifest: Mapping[str, Any]) -> list[str]:
    """List what an API server would refuse in an object; skip the test if the schema is absent."""
    if manifest["kind"] in _FILES:
        body = {key: value for key, value in manifest.items() if key != "metadata"}
        schema = _schema(manifest["kind"])
        found = [*_schema_violations(schema, body, ""), *_constraints(schema, manifest)]
    else:
        found = list(_model_violations(f"V1{manifest['kind']}", manifest, ""))
    return [*found, *_model_violations("V1ObjectMeta", manifest["metadata"], "metadata")]


@cache
def _schema(kind: str) -> Mapping[str, Any]:
    path = SCHEMAS / _FILES[kind]
    if not path.exists():
        pytest.skip(f"the schemas of Kubeflow are not at {SCHEMAS}")
    definition = json.loads(path.read_text())
    schema: Mapping[str, Any] = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return schema


def _schema_violations(schema: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
    if schema.get("x-kubernetes-int-or-string"):
        fits = isinstance(value, int | str) and not isinstance(value, bool)
    else:
        types = _TYPES[schema["type"]]
        fits = isinstance(value, types) and (bool in types or not isinstance(value, bool))
    if not fits:
        yield f"{path}: {value!r} has the wrong type"
        return
    yield from _limit_violations(schema, value, path)
    match value:
        case dict():
            yield from _object_violations(schema, value, path)
        case list():
            for index, item in enumerate(value):
                yield from _schema_violations(schema["items"], item, f"{path}[{index}]")


def _object_violations(
    schema: Mapping[str, Any], value: Mapping[str, Any], path: str
) -> Iterator[str]:
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{path}: {name} is missing"
    for name, item in value.items():
        inner = properties.get(name) or schema.get("additionalProperties")
        if inner:
            yield from _schema_violations(inner, item, f"{path}.{name}")
        elif not schema.get("x-kubernetes-preserve-unknown-fields"):
            yield f"{path}: {name} is not a field"


def _limit_violations(schema: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
    text = str(value)
    if "pattern" in schema and not re.search(schema["pattern"], text):
        yield f"{path}: {value!r} does not match {schema['pattern']}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is not one of {schema['enum']}"
    if len(text) > schema.get("maxLength", len(text)) or len(text) < schema.get("minLength", 0):
        yield f"{path}: {len(text)} characters"
    if isinstance(value, list) and len(value) > schema.get("maxItems", len(value)):
        yield f"{path}: {len(value)} items"
    if isinstance(value, int) and value < schema.get("minimum", value):
        yield f"{path}: {value} is too small"


def _constraints(schema: Mapping[str, Any], manifest: Mapping[str, Any]) -> Iterator[str]:
    """Check the rules on names, which every kind of job has here or in its webhook."""
    del schema
    name = manifest["metadata"]["name"]
    if not re.fullmatch(r"[a-z]([-a-z0-9]*[a-z0-9])?", name) or len(name) > 63:
        yield f"metadata.name: {name!r} is no DNS-1035 label"


def _model_violations(model: str, value: Any, path: str) -> Iterator[str]:
    if inner := _LIST.fullmatch(model):
        for index, item in enumerate(value):
            yield from _model_violations(inner[1], item, f"{path}[{index}]")
    elif inner := _MAPPING.fullmatch(model):
        for key, item in value.items():
            yield from _model_violations(inner[1], item, f"{path}.{key}")
    elif model == "bytes":
        base64.b64decode(value, validate=True)
    elif model in ("str", "int", "bool", "float"):
        if type(value).__name__ != model:
            yield f"{path}: {value!r} is no {model}"
    elif model not in ("object", "datetime"):
        yield from _fields_of_model(model, value, path)


# Versions of the client write types differently.
_LIST = re.compile(r"[lL]ist\[(.*)\]")
_MAPPING = re.compile(r"[dD]ict[(\[]str, (.*)[)\]]")


def _fields_of_model(model: str, value: Mapping[str, Any], path: str) -> Iterator[str]:
    known = getattr(pytest.importorskip("kubernetes.client.models"), model)
    types = {known.attribute_map[name]: of for name, of in known.openapi_types.items()}
    for name, item in value.items():
        if name in types:
            yield from _model_violations(types[name], item, f"{path}.{name}")
        else:
            yield f"{path}: {name} is not a field"
    for attribute, name in known.attribute_map.items():
        if name not in value and _is_required(known, attribute):
            yield f"{path}: {name} is missing"


def _is_required(model: Any, attribute: str) -> bool:
    """Tell whether the client refuses a model without an attribute."""
    if hasattr(model, "model_fields"):
        return bool(model.model_fields[attribute].is_required())
    return "must not be `None`" in inspect.getsource(getattr(model, attribute).fset)

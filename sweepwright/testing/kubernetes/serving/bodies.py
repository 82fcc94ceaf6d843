"""Bodies of requests: media types, and JSON that is worded as a server written in Go words it."""

import json
import re
from typing import Any

from ..store.resources import JsonObject, Resource
from ..store.status_errors import StatusError, bad_request, unsupported_media
from ..validation.optional import yaml
from .messages import Request

_READ_TYPES = ("application/json", "application/yaml", "application/vnd.kubernetes.protobuf")
_LARGEST_BODY = 3 * 1024 * 1024
_JSON_TYPES = frozenset(("", "*/*", "application/json"))
_YAML_TYPES = frozenset(("application/yaml", "application/x-yaml"))

# What Python's parser expects, and what Go's looks for, at the same place of a text.
_GO_WORDS = {
    "Expecting property name enclosed in double quotes": (
        "looking for beginning of object key string"
    ),
    "Expecting value": "looking for beginning of value",
    "Expecting ':' delimiter": "after object key",
    "Expecting ',' delimiter": "after object key:value pair",
    "Extra data": "after top-level value",
}


def read_object(request: Request, resource: Resource) -> JsonObject:
    """Return the object in the body of a create or an update."""
    if len(request.body) > _LARGEST_BODY:
        message = f"Request entity too large: limit is {_LARGEST_BODY}"
        raise StatusError(413, "RequestEntityTooLarge", message)
    text = _text(request)
    if request.content_type in _YAML_TYPES:
        value = _from_yaml(text)
    elif request.content_type in _JSON_TYPES:
        value = _from_json(text, resource.kind)
    else:
        raise unsupported_media(_READ_TYPES)
    if not isinstance(value, dict):
        problem = "couldn't get version/kind; json parse error: json: cannot unmarshal into object"
        raise bad_request(_unrecognized(resource.kind, f"{problem} ({text[:100]})"))
    return value


def read_json(request: Request) -> Any:
    """Return the body of a patch or of the options of a delete; None if there is none."""
    text = _text(request)
    if not text:
        return None
    try:
        return _parsed(text)
    except ValueError as error:
        raise bad_request(f"error decoding patch: {_go_error(error, text)}") from error


def _text(request: Request) -> str:
    try:
        return request.body.decode()
    except UnicodeDecodeError as error:
        raise bad_request("the object provided is no UTF-8") from error


def _from_json(text: str, kind: str) -> Any:
    try:
        return _parsed(text)
    except ValueError as error:
        problem = f"couldn't get version/kind; json parse error: {_go_error(error, text)}"
        raise bad_request(_unrecognized(kind, f"{problem} ({text[:100]})")) from error


def _parsed(text: str) -> Any:
    value = json.loads(text, parse_constant=_refuse_constant)
    if "\\ud" not in text.lower():
        return value
    # Half of a pair of surrogates is no character: Go replaces it when it decodes.
    utf16 = json.dumps(value, ensure_ascii=False).encode("utf-16", "surrogatepass")
    return json.loads(utf16.decode("utf-16", "replace"))


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _from_yaml(text: str) -> Any:
    library = yaml()
    try:
        return _with_text_keys(library.load(text, _yaml_loader(library)))
    except library.YAMLError as error:
        raise bad_request(f"error converting YAML to JSON: {error}") from error


def _with_text_keys(value: Any) -> Any:
    """Return a value whose keys are text, as in JSON: a bare ``y`` becomes the key ``true``."""
    if isinstance(value, list):
        return [_with_text_keys(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key if isinstance(key, str) else json.dumps(key): _with_text_keys(each)
        for key, each in value.items()
    }


def _yaml_loader(library: Any) -> Any:
    """Return a loader that reads YAML as the server does.

    PyYAML takes a bare ``y`` or ``n`` for a string; the server takes it for a boolean, as YAML 1.1
    says. What looks like a time remains a string.
    """
    base = library.SafeLoader
    resolvers = {
        letter: [(tag, form) for tag, form in known if not tag.endswith(":timestamp")]
        for letter, known in base.yaml_implicit_resolvers.items()
    }
    flags = {**base.bool_values, "y": True, "n": False}
    loader: Any = type(
        "Loader", (base,), {"yaml_implicit_resolvers": resolvers, "bool_values": flags}
    )
    flag = re.compile("[yYnN]$")
    loader.add_implicit_resolver("tag:yaml.org,2002:bool", flag, list("yYnN"))
    return loader


def _unrecognized(kind: str, problem: str) -> str:
    return f"the object provided is unrecognized (must be of type {kind}): {problem}"


def _go_error(error: ValueError, text: str) -> str:
    if not isinstance(error, json.JSONDecodeError) or error.pos >= len(text):
        return "unexpected end of JSON input"
    where = _GO_WORDS.get(error.msg, "in literal")
    return f"invalid character '{text[error.pos]}' {where}"


def check_dry_run(options: str, value: str) -> bool:
    """Tell whether a request is a dry run; refuse values that mean nothing."""
    if value in {"", "All"}:
        return value == "All"
    message = f'Unsupported value: "{value}": supported values: "All"'
    cause = [{"reason": "FieldValueNotSupported", "message": message, "field": "dryRun"}]
    details = {"group": "meta.k8s.io", "kind": options, "causes": cause}
    text = f'{options}.meta.k8s.io "" is invalid: dryRun: {message}'
    raise StatusError(422, "Invalid", text, details)

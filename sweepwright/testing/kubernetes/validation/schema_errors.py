"""Errors of JSON Schema in the words of the server."""

import re
from collections.abc import Iterator
from typing import Any

from ..store.status_errors import (
    INVALID,
    NOT_SUPPORTED,
    REQUIRED,
    TOO_LONG,
    TOO_MANY,
    WRONG_TYPE,
    Cause,
)
from .metadata import quoted


def schema_causes(error: Any) -> Iterator[Cause]:
    """Yield an error of the library as a server words it."""
    path = _path(error.absolute_path)
    wanted = error.validator_value
    match error.validator:
        case "required":
            missing = re.match(r"'(.*)' is a required property", error.message)
            name = missing[1] if missing else "?"
            yield Cause(REQUIRED, f"{path}.{name}" if path else name, "Required value")
        case "type":
            found = _type_name(error.instance)
            expected = ",".join(wanted) if isinstance(wanted, list) else wanted
            message = f'Invalid value: "{found}": {path} in body must be of type {expected}'
            yield Cause(WRONG_TYPE, path, f'{message}: "{found}"')
        case "enum":
            listed = ", ".join(quoted(each) for each in wanted)
            message = f"Unsupported value: {quoted(error.instance)}: supported values: {listed}"
            yield Cause(NOT_SUPPORTED, path, message)
        case "maxItems":
            message = f"Too many: {len(error.instance)}: must have at most {wanted} items"
            yield Cause(TOO_MANY, path, message)
        case "maxLength":
            yield Cause(TOO_LONG, path, f"Too long: may not be more than {wanted} bytes")
        case name:
            rule = _RULES.get(name, "does not match the schema").format(wanted)
            shown = quoted(error.instance)
            yield Cause(INVALID, path, f"Invalid value: {shown}: {path} in body {rule}")


_RULES = {
    "format": "must be of type {0}",
    "maximum": "should be less than or equal to {0}",
    "minItems": "should have at least {0} items",
    "minLength": "should be at least {0} chars long",
    "minProperties": "should have at least {0} properties",
    "minimum": "should be greater than or equal to {0}",
    "pattern": "should match '{0}'",
}


def _path(parts: Any) -> str:
    path = ""
    for part in parts:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return path


def _type_name(value: Any) -> str:
    names: dict[type, str] = {
        bool: "boolean",
        int: "integer",
        float: "number",
        str: "string",
        list: "array",
        dict: "object",
    }
    return names.get(type(value), "null")

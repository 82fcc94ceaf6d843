"""Format domains in the call form of configurations, such as ``int(1, 1024, log=true)``."""

import json
from collections.abc import Sequence
from typing import Any


def call(name: str, *arguments: Any, **options: Any) -> str:
    """Format a call whose arguments are numbers, and leave out options that are None."""
    return _call(name, list(map(_bound, arguments)), options)


def call_of_choices(name: str, choices: Sequence[Any], **options: Any) -> str:
    """Format a call whose arguments are choices, and keep the types of numbers: 1.0 is not 1."""
    return _call(name, list(map(literal, choices)), options)


def literal(value: Any) -> str:
    """Format a value as JSON, without the quotes of text that does not need them.

    Text needs quotes if it would otherwise be read as another value.
    """
    if isinstance(value, str) and value.isidentifier() and value.lower() not in _RESERVED:
        return value
    return json.dumps(value, ensure_ascii=False)


_RESERVED = ("true", "false", "null")


def _call(name: str, arguments: Sequence[str], options: dict[str, Any]) -> str:
    named = [f"{key}={_bound(value)}" for key, value in options.items() if value is not None]
    return f"{name}({', '.join([*arguments, *named])})"


def _bound(value: Any) -> str:
    """Format a bound or a list of weights; 1.0 is written as 1."""
    if isinstance(value, list):
        return f"[{', '.join(map(_bound, value))}]"
    text = literal(value)
    return text.removesuffix(".0") if isinstance(value, float) else text

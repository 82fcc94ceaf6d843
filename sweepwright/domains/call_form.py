"""The call form of domains, as configurations spell them: ``int(1, 1024, log=true)``."""

import json
from collections.abc import Sequence
from typing import Any


def call(name: str, *arguments: Any, **options: Any) -> str:
    """Format a call with numbers for arguments; options that are None are left out."""
    return _call(name, list(map(_bound, arguments)), options)


def call_of_choices(name: str, choices: Sequence[Any], **options: Any) -> str:
    """Format a call whose arguments are choices, which keep their type: 1.0 is not 1."""
    return _call(name, list(map(literal, choices)), options)


def literal(value: Any) -> str:
    """Format a value as JSON; text without quotes unless it could be read as something else."""
    if isinstance(value, str) and value.isidentifier() and value.lower() not in _RESERVED:
        return value
    return json.dumps(value, ensure_ascii=False)


_RESERVED = ("true", "false", "null")


def _call(name: str, arguments: Sequence[str], options: dict[str, Any]) -> str:
    named = [f"{key}={_bound(value)}" for key, value in options.items() if value is not None]
    return f"{name}({', '.join([*arguments, *named])})"


def _bound(value: Any) -> str:
    """Format a bound or a list of weights, where 1.0 and 1 mean the same."""
    if isinstance(value, list):
        return f"[{', '.join(map(_bound, value))}]"
    text = literal(value)
    return text.removesuffix(".0") if isinstance(value, float) else text

"""The call form, in which domains are written: ``int(1, 1024, log=true)``."""

import json
from collections.abc import Sequence
from typing import Any


def call(name: str, *arguments: Any, **options: Any) -> str:
    """Write a call; options that are None are left out."""
    words = [_number_or(argument) for argument in arguments]
    return written(name, words, options)


def call_of_choices(name: str, choices: Sequence[Any], **options: Any) -> str:
    """Write a call of values, whose type matters: 1.0 is not 1."""
    return written(name, list(map(literal, choices)), options)


def written(name: str, words: Sequence[str], options: dict[str, Any]) -> str:
    """Join the parts of a call."""
    named = [f"{key}={_number_or(value)}" for key, value in options.items() if value is not None]
    return f"{name}({', '.join([*words, *named])})"


def literal(value: Any) -> str:
    """Write a value; text without quotes where it cannot be taken for anything else."""
    if isinstance(value, str) and value.isidentifier() and value.lower() not in _RESERVED:
        return value
    return json.dumps(value, ensure_ascii=False)


_RESERVED = ("true", "false", "null")


def _number_or(value: Any) -> str:
    """Write a bound or a list of weights, where 1.0 and 1 are the same."""
    if isinstance(value, list):
        return f"[{', '.join(map(_number_or, value))}]"
    text = literal(value)
    return text.removesuffix(".0") if isinstance(value, float) else text

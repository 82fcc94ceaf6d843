"""Checks that what was read from JSON has the types that its dataclass declares.

A journal may come from a stranger, and journals of version 1 have no checksums. A value of another
type would end in an error wherever it is first used, perhaps in the middle of a table.
"""

import math
from collections.abc import Mapping
from dataclasses import is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints


def check_field_types(instance: Any) -> None:
    """Check the fields of a dataclass, and of all dataclasses in them.

    Raises
    ------
    TypeError
        If a field has a value of another type, or a number that is not finite.
    """
    kind: Any = type(instance)
    for name, hint in _hints(kind).items():
        if not _fits(getattr(instance, name), hint):
            raise TypeError(f"`{name}` of a {kind.__name__} has another type")


@cache
def _hints(kind: type[Any]) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _fits(value: Any, hint: Any) -> bool:
    origin, arguments = get_origin(hint) or hint, get_args(hint)
    if hint is Any:
        return True
    if origin in (Union, UnionType):
        return any(_fits(value, each) for each in arguments)
    if is_dataclass(origin) and isinstance(value, origin):  # type: ignore[arg-type]  # a type
        check_field_types(value)
        return True
    if origin in (int, float) and isinstance(value, bool):
        return False
    if origin is float and isinstance(value, int | float):
        return math.isfinite(value)
    if not isinstance(value, NoneType if origin is None else origin):
        return False
    if isinstance(value, tuple):
        return all(_fits(item, arguments[0]) for item in value)
    if isinstance(value, Mapping) and arguments:
        of_keys, of_values = arguments
        return all(_fits(k, of_keys) and _fits(v, of_values) for k, v in value.items())
    return True

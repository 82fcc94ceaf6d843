"""Types of option dataclasses: which types YAML can represent, and how messages describe them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import Field, fields, is_dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints


# An enumeration with one member, so that a type checker understands `value is INVALID`.
class Invalid(Enum):
    """The type of `INVALID`."""

    VALUE = "invalid"

    def __repr__(self) -> str:
        """Represent the value in a message that shows the list or mapping around it."""
        return "…"

    __str__ = __repr__


INVALID: Literal[Invalid.VALUE] = Invalid.VALUE
"""Sentinel that replaces a value for which a finding was reported. It fits every type."""


def check_schema(options: type[Any]) -> None:
    """Check that YAML can represent every option of a dataclass.

    Raises
    ------
    TypeError
        When `options` is not a dataclass, or YAML cannot represent the type of a field.
    """
    if not is_dataclass(options):
        raise TypeError(f"its options are {options!r}, not a dataclass")
    # Unlike `Field.type`, type hints are types even in a module with `from __future__ import
    # annotations`, where annotations are text.
    hints = get_type_hints(options)
    for entry in option_entries(options):
        _check_hint(hints[entry.name], f"{options.__name__}.{entry.name}")


def option_entries(options: type[Any]) -> list[Field[Any]]:
    """List the fields that are options. These are the fields that the constructor accepts."""
    return [entry for entry in fields(options) if entry.init]


def shape_of(hint: Any) -> str | None:
    """Classify a type for conversion from YAML; None for a type that YAML cannot represent."""
    # The origin of `Optional[int]` is `Union`, and that of `int | None` is `UnionType`.
    origin = get_origin(hint) or hint
    if hint is Any or origin in (Union, UnionType):
        return "any" if hint is Any else "union"
    if hint in SCALARS or hint is None:
        return "scalar"
    if origin is Literal or (isinstance(origin, type) and issubclass(origin, Enum)):
        return "choice"
    if not isinstance(origin, type):
        return None
    if is_dataclass(origin):
        return "options"
    return "list" if origin in LISTS else "mapping" if origin in _MAPPINGS else None


def choices_of(hint: Any) -> list[Any]:
    """List the values of a literal or enumeration type, as YAML represents the values."""
    literal = get_origin(hint) is Literal
    return list(get_args(hint)) if literal else [member.value for member in hint]


def item_hints(hint: Any, count: int) -> list[Any]:
    """Return the type of each of the `count` items of a list or tuple."""
    # `tuple[int, float]` gives each item its own type; `tuple[int, ...]`, `list[int]` and `list`
    # have one type for all items.
    arguments = [inner for inner in get_args(hint) if inner is not Ellipsis]
    fixed = get_origin(hint) is tuple and Ellipsis not in get_args(hint)
    return arguments if fixed else (arguments or [Any]) * count


def value_hint(hint: Any) -> Any:
    """Return the type of the values of a mapping."""
    return get_args(hint)[1] if get_args(hint) else Any


def words_of(hint: Any) -> str:
    """Describe the values of a type, for use in a sentence."""
    match shape_of(hint):
        case "union":
            return " or ".join(words_of(inner) for inner in get_args(hint))
        case "choice":
            return f"one of {', '.join(f'`{choice}`' for choice in choices_of(hint))}"
        case "scalar":
            return SCALARS[NoneType if hint is None else hint]
        case "list":
            return "a list"
        case "any":
            return "something that JSON can hold"
    return "a mapping"


def _check_hint(hint: Any, name: str) -> None:
    match shape_of(hint):
        case None:
            shown = getattr(hint, "__name__", str(hint))
            raise TypeError(f"`{name}` is of type {shown}, which YAML cannot represent")
        case "options":
            check_schema(hint)
        case "union" | "list" | "mapping":
            for inner in get_args(hint):
                if inner is not Ellipsis:
                    _check_hint(inner, name)


SCALARS: dict[Any, str] = {
    bool: "true or false",
    int: "an integer",
    float: "a finite number",
    str: "text",
    NoneType: "null",
}
"""Description of each scalar type, for use in a sentence such as "`size` is 1.5, not an
integer"."""
LISTS: dict[Any, Callable[[Iterable[Any]], Any]] = {
    list: list,
    tuple: tuple,
    Sequence: tuple,
    frozenset: frozenset,
}
_MAPPINGS = (dict, Mapping)

"""Kinds: the types of the expression language.

A number of kind `INTEGER` is also acceptable wherever a `NUMBER` is. A choice has one kind only if
all its values agree; otherwise it is `MIXED`, and can only be compared with literals.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from ..domains import Categorical, Domain, Integer, Nested, Ordinal
from .syntax import Literal


class Kind(Enum):
    """The type of an expression; the value of the member names it in messages."""

    BOOLEAN = "a boolean"
    INTEGER = "an integer"
    NUMBER = "a number"
    TEXT = "text"
    MIXED = "a choice of mixed types"


NUMBERS = frozenset({Kind.INTEGER, Kind.NUMBER})


def kind_of(domain: Domain) -> Kind:
    """Return the kind that all values of a domain have."""
    match domain:
        case Integer():
            return Kind.INTEGER
        case Nested():
            return Kind.TEXT
        case Categorical(choices=choices) | Ordinal(choices):
            return _kind_of_choices(choices)
    return Kind.NUMBER


def choices_of(domain: Domain) -> Sequence[Any] | None:
    """List the values of a choice, None for a numeric domain.

    The column of a choice holds an index into this list, that of a number the number itself.
    """
    match domain:
        case Nested(branches):
            return branches
        case Categorical(choices=choices) | Ordinal(choices):
            return choices
    return None


def texts_of(domain: Domain) -> list[str]:
    """List the values of a domain that are text."""
    return [choice for choice in choices_of(domain) or () if isinstance(choice, str)]


def equal_indices(domain: Domain, literal: Literal) -> list[int]:
    """List the indices of the values that equal a literal; 1 equals 1.0, but not true."""
    # In Python, 1 == True.
    wanted = literal.value
    return [
        index
        for index, choice in enumerate(choices_of(domain) or ())
        if isinstance(choice, bool) == isinstance(wanted, bool) and choice == wanted
    ]


def _kind_of_choices(choices: Sequence[Any]) -> Kind:
    kinds = set(map(kind_of_value, choices))
    if len(kinds) == 1:
        return kinds.pop()
    return Kind.NUMBER if kinds == NUMBERS else Kind.MIXED


def kind_of_value(value: Any) -> Kind:
    """Return the kind of one value."""
    return _KINDS.get(type(value), Kind.MIXED)


# By exact type, since bool is a subclass of int.
_KINDS: Mapping[type, Kind] = {
    bool: Kind.BOOLEAN,
    int: Kind.INTEGER,
    float: Kind.NUMBER,
    str: Kind.TEXT,
}

"""Kinds: the types of the expression language.

An operand of kind `INTEGER` may be used wherever a `NUMBER` is expected. If all values of a choice
have the same kind, the choice has that kind. Otherwise the choice has the kind `MIXED`, and can
only be compared with literals.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from ..domains import Categorical, Domain, Integer, Nested, Ordinal
from .syntax import Literal


class Kind(Enum):
    """The type of an expression. The value of each member is the type's name in messages."""

    BOOLEAN = "a boolean"
    INTEGER = "an integer"
    NUMBER = "a number"
    TEXT = "text"
    MIXED = "a choice of mixed types"


NUMBERS = frozenset({Kind.INTEGER, Kind.NUMBER})


def kind_of(domain: Domain) -> Kind:
    """Return the kind of the values of a domain."""
    match domain:
        case Integer():
            return Kind.INTEGER
        case Nested():
            return Kind.TEXT
        case Categorical(choices=choices) | Ordinal(choices):
            return _kind_of_choices(choices)
    return Kind.NUMBER


def choices_of(domain: Domain) -> Sequence[Any] | None:
    """List the values of a choice; return None for a numeric domain.

    In a matrix of assignments, the column of a choice holds indices into this list. The column of
    a numeric parameter holds the numbers themselves.
    """
    match domain:
        case Nested(branches):
            return branches
        case Categorical(choices=choices) | Ordinal(choices):
            return choices
    return None


def texts_of(domain: Domain) -> list[str]:
    """List those values of a domain that are text."""
    return [choice for choice in choices_of(domain) or () if isinstance(choice, str)]


def equal_indices(domain: Domain, literal: Literal) -> list[int]:
    """List the indices of the choices that equal a literal; 1 equals 1.0, but not true."""
    # Compare kinds as well, since 1 == True in Python.
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


# Compare exact types, since bool is a subclass of int.
_KINDS: Mapping[type, Kind] = {
    bool: Kind.BOOLEAN,
    int: Kind.INTEGER,
    float: Kind.NUMBER,
    str: Kind.TEXT,
}

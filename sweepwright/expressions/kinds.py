"""Kinds: what a value, a parameter or an expression is."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from ..domains import Categorical, Domain, Integer, Nested, Ordinal
from .syntax import Literal


class Kind(Enum):
    """What an expression comes to; the value says so in words."""

    BOOLEAN = "true or false"
    INTEGER = "an integer"
    NUMBER = "a number"
    TEXT = "a text"
    MIXED = "a choice of several kinds"


NUMBERS = frozenset({Kind.INTEGER, Kind.NUMBER})


def kind_of(domain: Domain) -> Kind:
    """Tell of what kind the values of a domain are."""
    match domain:
        case Integer():
            return Kind.INTEGER
        case Nested():
            return Kind.TEXT
        case Categorical(choices=choices) | Ordinal(choices):
            return _kind_of_choices(choices)
    return Kind.NUMBER


def choices_of(domain: Domain) -> Sequence[Any] | None:
    """List the values of a domain whose columns hold their indices, None for a number."""
    match domain:
        case Nested(branches):
            return branches
        case Categorical(choices=choices) | Ordinal(choices):
            return choices
    return None


def texts_of(domain: Domain) -> list[str]:
    """List the texts among the values of a domain."""
    return [choice for choice in choices_of(domain) or () if isinstance(choice, str)]


def equal_indices(domain: Domain, literal: Literal) -> list[int]:
    """List the indices of a choice whose values equal a plain one; 1 equals 1.0, and not true."""
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
    """Tell of what kind a plain value is."""
    return _KINDS.get(type(value), Kind.MIXED)


_KINDS: Mapping[type, Kind] = {
    bool: Kind.BOOLEAN,
    int: Kind.INTEGER,
    float: Kind.NUMBER,
    str: Kind.TEXT,
}

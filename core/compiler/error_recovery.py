"""Error recovery: the sentinel that takes the place of an invalid value.

A pass that reports a value puts `INVALID` in its place, or leaves it out. Later passes skip it in
silence, so one mistake gives one finding, and the rest of the configuration is still checked.
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, Literal

from .spans import KeyPath


class Invalid(Enum):
    """The type of `INVALID`."""

    VALUE = "invalid"


INVALID: Literal[Invalid.VALUE] = Invalid.VALUE
"""Replaces a value that a finding was reported for."""


def invalid_paths(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Yield the path of every invalid value."""
    if value is INVALID:
        yield path
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from invalid_paths(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from invalid_paths(item, (*path, index))


def contains_invalid(value: Any) -> bool:
    """Tell whether plain values contain an invalid one."""
    return next(invalid_paths(value), None) is not None


def without_invalid(value: Any) -> Any:
    """Copy mappings and lists without their invalid values."""
    if isinstance(value, Mapping):
        return {key: without_invalid(item) for key, item in value.items() if item is not INVALID}
    if isinstance(value, list):
        return [without_invalid(item) for item in value if item is not INVALID]
    return value

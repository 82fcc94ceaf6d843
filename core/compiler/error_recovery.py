"""Error recovery: a sentinel that replaces invalid values.

If a pass reports a value, it replaces the value by `INVALID` or leaves it out. Later passes skip
such a value without a finding. Thus one mistake leads to a single finding, and the rest of the
configuration is still checked.
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, Literal

from .spans import KeyPath


# An enumeration with one member, so that a type checker understands `value is INVALID`.
class Invalid(Enum):
    """The type of `INVALID`."""

    VALUE = "invalid"


INVALID: Literal[Invalid.VALUE] = Invalid.VALUE
"""Sentinel that replaces a value for which a finding was reported."""


def invalid_paths(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Yield the path of every `INVALID` inside a value."""
    if value is INVALID:
        yield path
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from invalid_paths(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from invalid_paths(item, (*path, index))


def contains_invalid(value: Any) -> bool:
    """Tell whether a value is `INVALID` or contains `INVALID`."""
    return next(invalid_paths(value), None) is not None


def without_invalid(value: Any) -> Any:
    """Copy mappings and lists without the `INVALID` in them."""
    if isinstance(value, Mapping):
        return {key: without_invalid(item) for key, item in value.items() if item is not INVALID}
    if isinstance(value, list):
        # Later items move up, so their indices may be smaller than in the configuration.
        return [without_invalid(item) for item in value if item is not INVALID]
    return value

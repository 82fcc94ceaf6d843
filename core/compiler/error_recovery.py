"""Error recovery: a sentinel that replaces invalid values.

If a pass reports a value, it replaces the value by `INVALID` or leaves it out. Later passes skip
such a value without a finding. Thus one mistake leads to a single finding, and the rest of the
configuration is still checked.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ..registry.option_types import INVALID
from .spans import KeyPath

__all__ = ["INVALID", "contains_invalid", "invalid_paths"]


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

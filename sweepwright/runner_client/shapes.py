"""Shapes of JSON: a message of a machine is compared with a shape before it is used.

A machine may be broken or controlled by an attacker, so its messages may contain anything.
"""

import json
import math
from collections.abc import Callable
from typing import TypeAlias

from ..events import Json

Shape: TypeAlias = Callable[[Json], bool]
"""Tells whether a value has a shape."""
LONGEST_TEXT = 1 << 16
"""Maximum length of a text, such as the line of a report."""
_LARGEST_COUNT = 1 << 62


def parse_object(line: bytes) -> dict[str, Json]:
    """Parse a JSON object; raise `ValueError` for anything else, and for NaN or infinity in it."""
    try:
        value = json.loads(line, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("it is not an object")  # noqa: TRY004 - a fault of the text
    return value


def _refuse_constant(name: str) -> Json:
    raise ValueError(f"{name} is not a number")


def is_text(value: Json) -> bool:
    """Tell whether a value is a text that is not too long."""
    return isinstance(value, str) and len(value) <= LONGEST_TEXT


def is_flag(value: Json) -> bool:
    """Tell whether a value is true or false."""
    return isinstance(value, bool)


def is_count(value: Json) -> bool:
    """Tell whether a value is an integer that counts bytes, processes or the like."""
    return isinstance(value, int) and not is_flag(value) and 0 <= value <= _LARGEST_COUNT


def is_amount(value: Json) -> bool:
    """Tell whether a value is a number that is finite and not negative."""
    number = isinstance(value, int | float) and not is_flag(value)
    return number and 0 <= value <= _LARGEST_COUNT and math.isfinite(value)


def optional(shape: Shape) -> Shape:
    """Return the shape of null, or of a value of a shape."""
    return lambda value: value is None or shape(value)


def one_of(*words: str) -> Shape:
    """Return the shape of some words."""
    return lambda value: isinstance(value, str) and value in words


def many(shape: Shape) -> Shape:
    """Return the shape of a list."""
    return lambda value: isinstance(value, list) and all(map(shape, value))


def row(*shapes: Shape) -> Shape:
    """Return the shape of a list whose values have these shapes."""
    return lambda value: (
        isinstance(value, list)
        and len(value) == len(shapes)
        and all(shape(each) for shape, each in zip(shapes, value, strict=True))
    )


def table(shape: Shape) -> Shape:
    """Return the shape of an object whose keys are texts and whose values have a shape."""
    return lambda value: (
        isinstance(value, dict) and all(map(is_text, value)) and all(map(shape, value.values()))
    )


def record(**shapes: Shape) -> Shape:
    """Return the shape of an object with these keys, which may have others."""
    return lambda value: (
        isinstance(value, dict)
        and all(name in value and shape(value[name]) for name, shape in shapes.items())
    )


def either(*shapes: Shape) -> Shape:
    """Return the shape of a value that has one of some shapes."""
    return lambda value: any(shape(value) for shape in shapes)

"""Values that parsers accept and that later steps could not handle are faults at their place.

Python refuses to convert integers of thousands of digits. YAML's base 60 (``1:59:59``) takes a
time that grows with the square of the length. Some integers are beyond the range of floats. YAML
and JSON can write half of a surrogate pair, which is no character and has no UTF-8.
"""

import re
from collections.abc import Mapping
from typing import Any

from yaml.constructor import SafeConstructor
from yaml.nodes import ScalarNode

from sweepwright.domains import LARGEST

LONGEST_NUMBER = 400
"""Maximum number of characters of a number. The largest float has 309 digits."""

_TEXT = "tag:yaml.org,2002:str"
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
_OTHERS = ("bool", "null", "timestamp", "binary")
_TYPES = (*_NUMBERS, *(f"tag:yaml.org,2002:{name}" for name in _OTHERS))
_PLAIN_NUMBER = re.compile(r"[-+]?[0-9]{1,300}(?:\.[0-9]{0,100})?(?:[eE][-+]?[0-9]{1,9})?")
_SURROGATE = re.compile("[\ud800-\udfff]")


def scalar_fault(node: ScalarNode) -> str | None:
    """Describe why a YAML scalar has no usable value; None if it has one."""
    if node.tag == _TEXT:
        return text_fault(node.value)
    if node.tag in _NUMBERS and len(node.value) > LONGEST_NUMBER:
        return f"a number has {len(node.value):,} characters, more than {LONGEST_NUMBER}"
    # Numbers of this shape always have a value. Almost all numbers skip the slow test below.
    if _PLAIN_NUMBER.fullmatch(node.value):
        return None
    if node.tag not in _TYPES:
        return None  # the loader reports a tag that it does not know
    try:
        value = SafeConstructor().construct_object(node)
    except Exception:  # noqa: BLE001 - the constructors raise whatever their functions raise
        return f"`{node.value}` is no value of the type `{node.tag.rpartition(':')[2]}`"
    return value_fault(value)


def parsing_fault(error: ValueError | RecursionError) -> str:
    """Describe why Python could not parse a value that is well-formed."""
    if isinstance(error, RecursionError):
        return "a value is nested too deeply"
    return "an integer has thousands of digits"


def value_fault(value: Any) -> str | None:
    """Describe what is wrong with a value or with a part of it; None if nothing is."""
    match value:
        case bool():
            return None
        case int() if abs(value) > LARGEST:
            return "an integer is beyond the range of floats, about 1.8e308"
        case str():
            return text_fault(value)
        case Mapping():
            return value_fault([*value.keys(), *value.values()])
        case list() | tuple():
            return next(filter(None, map(value_fault, value)), None)
    return None


def text_fault(text: str) -> str | None:
    """Describe a text that is not Unicode; None if it is."""
    # Two halves of a pair are one character. Only a half without its other half is a fault.
    if _SURROGATE.search(join_surrogates(text)):
        return "a text has half of a surrogate pair or is not UTF-8"
    return None


def join_surrogates(value: Any) -> Any:
    r"""Join surrogate pairs in all texts of a value, as in ``"\ud83d\udc4d"``, to characters."""
    match value:
        case str() if _SURROGATE.search(value):
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
        case Mapping():
            return {join_surrogates(k): join_surrogates(v) for k, v in value.items()}
        case list():
            return list(map(join_surrogates, value))
    return value

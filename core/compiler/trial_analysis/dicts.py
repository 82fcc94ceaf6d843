"""Execute operations on dicts: read a key, call a method, merge one dict into another."""

import ast
from collections.abc import Iterable

from .abstract_values import UNKNOWN, DictValue, Scope, Values, constant_text, dicts_in, union
from .interpreter import CallArguments
from .observations import Observations


def read_key(
    holders: Values,
    key: Values,
    node: ast.expr,
    scope: Scope,
    observations: Observations,
    *,
    raises: bool,
) -> Values:
    """Read a key of a value that may be a dict.

    `raises` states whether a missing key raises an exception.
    """
    text = constant_text(key)
    if text is None:
        # The key is unknown, so any key may be read.
        observations.escape((*dicts_in(holders), *key))
        return (UNKNOWN,)
    required = raises and scope.always_executed and len(holders) == 1
    found = [observations.read(held, text, node, required=required) for held in dicts_in(holders)]
    if len(found) < len(holders):
        observations.escape(key)
        found.append((UNKNOWN,))
    return union(*found)


def call_dict_method(
    mapping: DictValue,
    name: str,
    arguments: CallArguments,
    scope: Scope,
    observations: Observations,
) -> Values:
    """Return the values that a call of a method of a dict may return."""
    match name:
        case "get" | "pop" | "setdefault" if arguments.positional:
            return _read_by_method(mapping, name, arguments, scope, observations)
        case "update":
            update(mapping, arguments, observations)
            return (UNKNOWN,)
        case "copy":
            return (merged_dict([(mapping,)], observations),)
        case "keys" | "__len__":
            # These methods do not reveal any value of the assignment.
            return (UNKNOWN,)
    observations.escape((mapping, *arguments))
    return (UNKNOWN,)


def _read_by_method(
    mapping: DictValue,
    name: str,
    arguments: CallArguments,
    scope: Scope,
    observations: Observations,
) -> Values:
    key, *others = arguments.positional
    observations.escape(value for values in others for value in values)
    raises = name == "pop" and not others
    found = read_key((mapping,), key, arguments.node.args[0], scope, observations, raises=raises)
    text = constant_text(key)
    if name == "setdefault" and text is not None:
        mapping.own_keys.add(text)
    if not raises:
        # The result may be the default value, which may contain any key.
        for value in dicts_in(found):
            value.any_own_key = True
    return found


def update(mapping: DictValue, arguments: CallArguments, observations: Observations) -> None:
    """Update a dict with the arguments of a call of `dict` or of the method `update`."""
    for values in (*arguments.positional, *arguments.unpacked):
        merge_into(mapping, values, observations)
    for name, values in (arguments.named or {}).items():
        mapping.own_keys.add(name)
        observations.escape(values)


def merged_dict(layers: Iterable[Values], observations: Observations) -> DictValue:
    """Merge dicts into a new dict; later dicts overwrite the keys of earlier dicts."""
    mapping = DictValue(None)
    for values in layers:
        merge_into(mapping, values, observations)
    return mapping


def merge_into(mapping: DictValue, values: Values, observations: Observations) -> None:
    """Merge values, which may be dicts, into a dict."""
    for value in values:
        if not isinstance(value, DictValue):
            mapping.any_own_key = True
            observations.escape((value,))
        elif value.path is not None and mapping.path not in (None, value.path):
            # A `DictValue` can contain only one part of the assignment, and the result would
            # contain two.
            observations.escape((mapping, value))
        else:
            mapping.path = mapping.path if value.path is None else value.path
            mapping.own_keys |= value.own_keys
            # A run merges only one of several alternatives, so the script may set any key.
            mapping.any_own_key |= value.any_own_key or len(values) > 1
            # A copy is shallow: it shares nested dicts with the original, so changes to them are
            # visible in both.
            shared = {**mapping.children, **value.children} if mapping.children else value.children
            mapping.children = shared

"""What is done with tables: keys are looked up, methods called, one merged into another."""

import ast
from collections.abc import Iterable

from .abstract_values import UNKNOWN, DictValue, Scope, Values, sole_text, tables, union
from .interpreter import Arguments
from .observations import Observations

QUIET_METHODS = frozenset({"keys", "__len__"})
"""Methods of a dict that tell no value."""


def take(
    holders: Values, key: Values, node: ast.expr, scope: Scope, ledger: Observations, *, sure: bool
) -> Values:
    """Look a key up in what may be a table; `sure` if it fails where the key is not there."""
    text = sole_text(key)
    if text is None:
        ledger.escape((*tables(holders), *key))
        return (UNKNOWN,)
    certain = sure and scope.certain and len(holders) == 1
    found = [ledger.read(table, text, node, certain=certain) for table in tables(holders)]
    if len(found) < len(holders):
        ledger.escape(key)
        found.append((UNKNOWN,))
    return union(*found)


def call_method(
    table: DictValue, name: str, arguments: Arguments, scope: Scope, ledger: Observations
) -> Values:
    """Follow the call of a dict's method."""
    match name:
        case "get" | "pop" | "setdefault" if arguments.positional:
            return _take_by_method(table, name, arguments, scope, ledger)
        case "update":
            update(table, arguments, ledger)
            return (UNKNOWN,)
        case "copy":
            return (merged([(table,)], ledger),)
        case _ if name in QUIET_METHODS:
            return (UNKNOWN,)
    ledger.escape((table, *arguments))
    return (UNKNOWN,)


def update(table: DictValue, arguments: Arguments, ledger: Observations) -> None:
    """Put what a call is given on top of a table."""
    for values in (*arguments.positional, *arguments.spread):
        absorb(table, values, ledger)
    for name, values in (arguments.named or {}).items():
        table.keys.add(name)
        ledger.escape(values)


def merged(
    layers: Iterable[Values], ledger: Observations, *, attributes: bool = False
) -> DictValue:
    """Make a table of several, of which the later win."""
    table = DictValue(None, attributes=attributes)
    for values in layers:
        absorb(table, values, ledger)
    return table


def absorb(table: DictValue, values: Values, ledger: Observations) -> None:
    """Put what may be a table on top of another."""
    for value in values:
        if not isinstance(value, DictValue):
            table.anything = True
            ledger.escape((value,))
        elif value.path is not None and table.path not in (None, value.path):
            ledger.escape((table, value))
        else:
            table.path = table.path if value.path is None else value.path
            table.keys |= value.keys
            table.anything |= value.anything or len(values) > 1
            table.parts = {**table.parts, **value.parts} if table.parts else value.parts


def _take_by_method(
    table: DictValue, name: str, arguments: Arguments, scope: Scope, ledger: Observations
) -> Values:
    key, *others = arguments.positional
    ledger.escape(value for values in others for value in values)
    sure = name == "pop" and not others
    found = take((table,), key, arguments.node.args[0], scope, ledger, sure=sure)
    text = sole_text(key)
    if name == "setdefault" and text is not None:
        table.keys.add(text)
    return found if sure else _perhaps(found)


def _perhaps(values: Values) -> Values:
    """Allow for a default, which may hold anything."""
    for table in tables(values):
        table.anything = True
    return values

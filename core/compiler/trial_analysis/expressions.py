"""Evaluate an expression: what may it be, and what does it read on the way."""

import ast
import builtins
from collections.abc import Iterable
from typing import TypeAlias

from .abstract_values import (
    NUMBER,
    UNKNOWN,
    DictValue,
    Imported,
    Scope,
    Text,
    Values,
    sole_text,
    tables,
    union,
)
from .dicts import absorb, merged, take
from .facts import RAW, TRIAL_VARIABLE
from .interpreter import Machine, consume, consume_all

_BUILTINS = frozenset(dir(builtins))
_NOTHING: Values = (UNKNOWN,)
_Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


def evaluate(node: ast.expr, scope: Scope, machine: Machine) -> Values:
    """Return all that an expression may be."""
    match node:
        case ast.Constant(value):
            return _constant(value)
        case ast.Name(name):
            return _name(name, scope)
        case ast.Attribute():
            return _attribute(node, scope, machine)
        case ast.Subscript():
            return _subscript(node, scope, machine)
        case ast.Dict():
            return (_display(node, scope, machine),)
        case ast.BinOp():
            return _operation(node, scope, machine)
        case ast.Compare():
            return _comparison(node, scope, machine)
        case ast.UnaryOp(ast.Not(), operand):
            machine.value(operand, scope)
            return _NOTHING
    return _branching(node, scope, machine)


def _branching(node: ast.expr, scope: Scope, machine: Machine) -> Values:
    """Evaluate what leaves out some of its parts in some runs, or does not tell them all."""
    match node:
        case ast.BoolOp(values=[first, *others]):
            return union(machine.value(first, scope), *_doubted(others, scope, machine))
        case ast.IfExp(test, body, orelse):
            machine.value(test, scope)
            return union(*_doubted([body, orelse], scope, machine))
        case ast.Lambda(arguments, body):
            inner = Scope(scope, certain=False)
            hide(_parameters(arguments), inner)
            consume(body, inner, machine)
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            _comprehension(node, scope, machine)
        case _:
            return _whole(node, scope, machine)
    return _NOTHING


def _whole(node: ast.expr, scope: Scope, machine: Machine) -> Values:
    """Evaluate what evaluates all its parts."""
    match node:
        case ast.NamedExpr(ast.Name(name), value):
            values = machine.value(value, scope)
            scope.assign(name, values)
            return values
        case ast.JoinedStr(parts):
            for part in parts:
                machine.value(part.value if isinstance(part, ast.FormattedValue) else part, scope)
        case ast.UnaryOp(operand=operand):
            consume(operand, scope, machine)
            return (NUMBER,)
        case _:
            consume_all(node, scope, machine)
    return _NOTHING


def hide(names: Iterable[str], scope: Scope) -> None:
    """Let names stand for something of which nothing is known."""
    for name in names:
        scope.assign(name, _NOTHING)


def names_in(target: ast.AST) -> list[str]:
    """List the names that are given values in a target or a pattern."""
    found = (getattr(node, "id", getattr(node, "name", None)) for node in ast.walk(target))
    return [name for name in found if isinstance(name, str)]


def _constant(value: object) -> Values:
    if isinstance(value, str):
        return (Text(value),)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return (NUMBER,) if is_number else _NOTHING


def _name(name: str, scope: Scope) -> Values:
    values = scope.look_up(name)
    if values is None:
        return (Imported(f"builtins.{name}"),) if name in _BUILTINS else _NOTHING
    return values


def _attribute(node: ast.Attribute, scope: Scope, machine: Machine) -> Values:
    found: list[Values] = []
    holders = machine.value(node.value, scope)
    for holder in holders:
        match holder:
            case Imported(name):
                found.append((Imported(f"{name}.{node.attr}"),))
            case DictValue(attributes=True) if node.attr == "__dict__":
                found.append((merged([(holder,)], machine.ledger),))
            case DictValue(attributes=True):
                certain = scope.certain and len(holders) == 1
                found.append(machine.ledger.read(holder, node.attr, node, certain=certain))
            case _:
                machine.ledger.escape((holder,))
                found.append(_NOTHING)
    return union(*found)


def _subscript(node: ast.Subscript, scope: Scope, machine: Machine) -> Values:
    holders = machine.value(node.value, scope)
    key = machine.value(node.slice, scope)
    if holders == (Imported("os.environ"),) and sole_text(key) == TRIAL_VARIABLE:
        return (DictValue(RAW, anything=True),)
    return take(holders, key, node.slice, scope, machine.ledger, sure=True)


def _display(node: ast.Dict, scope: Scope, machine: Machine) -> DictValue:
    table = DictValue(None)
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            absorb(table, machine.value(value, scope), machine.ledger)
            continue
        text = sole_text(machine.value(key, scope))
        if text is None:
            table.anything = True
            consume(key, scope, machine)
        else:
            table.keys.add(text)
        consume(value, scope, machine)
    return table


def _operation(node: ast.BinOp, scope: Scope, machine: Machine) -> Values:
    left, right = machine.value(node.left, scope), machine.value(node.right, scope)
    if isinstance(node.op, ast.BitOr) and any(tables((*left, *right))):
        return (merged([left, right], machine.ledger),)
    machine.ledger.escape((*left, *right))
    numeric = NUMBER in (*left, *right) and isinstance(node.op, ast.Add | ast.Sub)
    return (NUMBER,) if numeric or isinstance(node.op, _OF_NUMBERS) else _NOTHING


_OF_NUMBERS = ast.Div | ast.FloorDiv | ast.Pow | ast.Mult
"""What dicts have no use for; of sequences and arrays nobody makes a metric."""


def _comparison(node: ast.Compare, scope: Scope, machine: Machine) -> Values:
    match node:
        case ast.Compare(left, [ast.In() | ast.NotIn()], [right]):
            holders = machine.value(right, scope)
            key = machine.value(left, scope)
            if isinstance(left, ast.Constant):
                _ask(holders, key, left, machine)
            else:
                machine.ledger.escape((*holders, *key))
        case ast.Compare(left, [ast.Is() | ast.IsNot()], [right]):
            machine.value(left, scope)
            machine.value(right, scope)
        case ast.Compare(left, _, others):
            for part in (left, *others):
                consume(part, scope, machine)
    return _NOTHING


def _ask(holders: Values, key: Values, node: ast.expr, machine: Machine) -> None:
    """Note that a run looks whether a key is there."""
    text = sole_text(key)
    for table in tables(holders):
        if text is not None:
            machine.ledger.read(table, text, node, certain=False)


def _doubted(nodes: Iterable[ast.expr], scope: Scope, machine: Machine) -> list[Values]:
    with scope.doubt():
        return [machine.value(node, scope) for node in nodes]


def _comprehension(node: _Comprehension, scope: Scope, machine: Machine) -> None:
    consume(node.generators[0].iter, scope, machine)
    inner = Scope(scope, certain=False)
    for generator in node.generators:
        if generator is not node.generators[0]:
            consume(generator.iter, inner, machine)
        hide(names_in(generator.target), inner)
        for test in generator.ifs:
            machine.value(test, inner)
    for result in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
        consume(result, inner, machine)


def _parameters(arguments: ast.arguments) -> list[str]:
    return [node.arg for node in ast.walk(arguments) if isinstance(node, ast.arg)]

"""Evaluate expressions: compute their possible values, and observe the reads in them."""

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
    constant_text,
    dicts_in,
    union,
)
from .dicts import merge_into, merged_dict, read_key
from .facts import RAW, TRIAL_VARIABLE
from .interpreter import Interpreter, escape, escape_parts

_BUILTINS = frozenset(dir(builtins))
_UNKNOWN: Values = (UNKNOWN,)
_Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


def evaluate_expression(node: ast.expr, scope: Scope, interpreter: Interpreter) -> Values:
    """Return the values that an expression may have; the module `calls` evaluates calls."""
    match node:
        case ast.Constant(value):
            return _constant(value)
        case ast.Name(name):
            return _name(name, scope)
        case ast.Attribute():
            return _attribute(node, scope, interpreter)
        case ast.Subscript():
            return _subscript(node, scope, interpreter)
        case ast.Dict():
            return (_dict_literal(node, scope, interpreter),)
        case ast.BinOp():
            return _operation(node, scope, interpreter)
        case ast.Compare():
            return _comparison(node, scope, interpreter)
        case ast.UnaryOp(ast.Not(), operand):
            interpreter.evaluate(operand, scope)
            return _UNKNOWN
    return _lazy(node, scope, interpreter)


def _lazy(node: ast.expr, scope: Scope, interpreter: Interpreter) -> Values:
    """Evaluate an expression of which runs may skip some parts, such as ``a if b else c``."""
    match node:
        case ast.BoolOp(values=[first, *others]):
            # Every run evaluates the first operand. Whether a run evaluates the other operands
            # depends on the operands before them.
            return union(
                interpreter.evaluate(first, scope), *_evaluate_maybe(others, scope, interpreter)
            )
        case ast.IfExp(test, body, orelse):
            interpreter.evaluate(test, scope)
            return union(*_evaluate_maybe([body, orelse], scope, interpreter))
        case ast.Lambda(arguments, body):
            # Unknown code may call the lambda at any time, and receives the returned value.
            inner = Scope(scope, always_executed=False)
            bind_unknown(_parameters(arguments), inner)
            escape(body, inner, interpreter)
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            _comprehension(node, scope, interpreter)
        case _:
            return _eager(node, scope, interpreter)
    return _UNKNOWN


def _eager(node: ast.expr, scope: Scope, interpreter: Interpreter) -> Values:
    """Evaluate an expression whose parts are all evaluated on every run."""
    match node:
        case ast.NamedExpr(ast.Name(name), value):
            values = interpreter.evaluate(value, scope)
            scope.assign(name, values)
            return values
        case ast.JoinedStr(parts):
            for part in parts:
                interpreter.evaluate(
                    part.value if isinstance(part, ast.FormattedValue) else part, scope
                )
        case ast.UnaryOp(operand=operand):
            escape(operand, scope, interpreter)
            return (NUMBER,)
        case _:
            escape_parts(node, scope, interpreter)
    return _UNKNOWN


def bind_unknown(names: Iterable[str], scope: Scope) -> None:
    """Bind names to unknown values."""
    for name in names:
        scope.assign(name, _UNKNOWN)


def names_in(target: ast.AST) -> list[str]:
    """List the names that the target of an assignment or a pattern binds."""
    found = (getattr(node, "id", getattr(node, "name", None)) for node in ast.walk(target))
    return [name for name in found if isinstance(name, str)]


def _constant(value: object) -> Values:
    if isinstance(value, str):
        return (Text(value),)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return (NUMBER,) if is_number else _UNKNOWN


def _name(name: str, scope: Scope) -> Values:
    values = scope.look_up(name)
    if values is None:
        return (Imported(f"builtins.{name}"),) if name in _BUILTINS else _UNKNOWN
    return values


def _attribute(node: ast.Attribute, scope: Scope, interpreter: Interpreter) -> Values:
    found: list[Values] = []
    holders = interpreter.evaluate(node.value, scope)
    for holder in holders:
        match holder:
            case Imported(name):
                found.append((Imported(f"{name}.{node.attr}"),))
            case DictValue(is_namespace=True) if node.attr == "__dict__":
                # Return a copy, since the keys of the namespace itself are attributes.
                found.append((merged_dict([(holder,)], interpreter.observations),))
            case DictValue(is_namespace=True):
                # If there are several alternatives, another alternative may have the attribute.
                required = scope.always_executed and len(holders) == 1
                found.append(
                    interpreter.observations.read(holder, node.attr, node, required=required)
                )
            case _:
                interpreter.observations.escape((holder,))
                found.append(_UNKNOWN)
    return union(*found)


def _subscript(node: ast.Subscript, scope: Scope, interpreter: Interpreter) -> Values:
    holders = interpreter.evaluate(node.value, scope)
    key = interpreter.evaluate(node.slice, scope)
    if holders == (Imported("os.environ"),) and constant_text(key) == TRIAL_VARIABLE:
        return (DictValue(RAW, any_own_key=True),)
    return read_key(holders, key, node.slice, scope, interpreter.observations, raises=True)


def _dict_literal(node: ast.Dict, scope: Scope, interpreter: Interpreter) -> DictValue:
    mapping = DictValue(None)
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            merge_into(mapping, interpreter.evaluate(value, scope), interpreter.observations)
            continue
        text = constant_text(interpreter.evaluate(key, scope))
        if text is None:
            mapping.any_own_key = True
            escape(key, scope, interpreter)
        else:
            mapping.own_keys.add(text)
        escape(value, scope, interpreter)
    return mapping


def _operation(node: ast.BinOp, scope: Scope, interpreter: Interpreter) -> Values:
    left, right = interpreter.evaluate(node.left, scope), interpreter.evaluate(node.right, scope)
    # The operator `|` merges two dicts into a new dict, whose keys the analysis can follow.
    if isinstance(node.op, ast.BitOr) and any(dicts_in((*left, *right))):
        return (merged_dict([left, right], interpreter.observations),)
    interpreter.observations.escape((*left, *right))
    numeric = NUMBER in (*left, *right) and isinstance(node.op, ast.Add | ast.Sub)
    return (NUMBER,) if numeric or isinstance(node.op, _ARITHMETIC) else _UNKNOWN


_ARITHMETIC = ast.Div | ast.FloorDiv | ast.Pow | ast.Mult
"""Operators that dicts do not support, so that the result counts as a number.

The result may also be a sequence or an array, but these cannot be metrics.
"""


def _comparison(node: ast.Compare, scope: Scope, interpreter: Interpreter) -> Values:
    match node:
        case ast.Compare(left, [ast.In() | ast.NotIn()], [right]):
            holders = interpreter.evaluate(right, scope)
            key = interpreter.evaluate(left, scope)
            if isinstance(left, ast.Constant):  # `"key" in parameters` reads only this key
                _test_key(holders, key, left, interpreter)
            else:
                interpreter.observations.escape((*holders, *key))
        # A test of identity reveals nothing about the contents of a dict.
        case ast.Compare(left, [ast.Is() | ast.IsNot()], [right]):
            interpreter.evaluate(left, scope)
            interpreter.evaluate(right, scope)
        # A test of equality compares whole dicts, so it may read any key.
        case ast.Compare(left, _, others):
            for part in (left, *others):
                escape(part, scope, interpreter)
    return _UNKNOWN


def _test_key(holders: Values, key: Values, node: ast.expr, interpreter: Interpreter) -> None:
    """Note that a run tests whether a key exists, which is not a required read."""
    text = constant_text(key)
    for mapping in dicts_in(holders):
        if text is not None:
            interpreter.observations.read(mapping, text, node, required=False)


def _evaluate_maybe(
    nodes: Iterable[ast.expr], scope: Scope, interpreter: Interpreter
) -> list[Values]:
    with scope.maybe_executed():
        return [interpreter.evaluate(node, scope) for node in nodes]


def _comprehension(node: _Comprehension, scope: Scope, interpreter: Interpreter) -> None:
    # Python evaluates the first iterable in the scope around the comprehension, on every run.
    escape(node.generators[0].iter, scope, interpreter)
    inner = Scope(scope, always_executed=False)
    for generator in node.generators:
        if generator is not node.generators[0]:
            escape(generator.iter, inner, interpreter)
        bind_unknown(names_in(generator.target), inner)
        for test in generator.ifs:
            interpreter.evaluate(test, inner)
    for result in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
        escape(result, inner, interpreter)


def _parameters(arguments: ast.arguments) -> list[str]:
    return [node.arg for node in ast.walk(arguments) if isinstance(node, ast.arg)]

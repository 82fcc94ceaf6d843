"""A reference evaluator, which computes an expression for one assignment in Python."""

import math
from collections.abc import Mapping
from typing import Any

from sweepwright.expressions.syntax import (
    Call,
    Chain,
    Comparison,
    Conditional,
    Expression,
    Literal,
    Membership,
    Name,
    Power,
    Unary,
)


def evaluate(node: Expression, row: Mapping[str, Any]) -> Any:  # noqa: C901, PLR0911, PLR0912 - a case for each node
    """Evaluate an expression for one mapping of names to values; None means unknown.

    The value null of a parameter is represented by `NULL`.
    """
    match node:
        case Literal(value):
            return NULL if value is None else value
        case Name(name):
            return row.get(name)
        case Unary("not", operand):
            held = evaluate(operand, row)
            return None if held is None else not held
        case Unary(operand=operand):
            value = evaluate(operand, row)
            return None if value is None else -value
        case Chain(first, rest) if rest[0][0] in ("and", "or"):
            held = [evaluate(part, row) for part in (first, *(part for _, part in rest))]
            decisive = rest[0][0] == "or"
            if decisive in held:
                return decisive
            return None if None in held else not decisive
        case Chain(first, rest):
            value = evaluate(first, row)
            for operator, part in rest:
                value = _operate(operator, value, evaluate(part, row))
            return value
        case Power(base, exponent):
            return _operate("**", evaluate(base, row), evaluate(exponent, row))
        case Comparison(left, operator, right):
            return _compare(evaluate(left, row), operator, evaluate(right, row))
        case Membership(item, choices, negated):
            value = evaluate(item, row)
            if value is None:
                return None
            found = any(_compare(value, "==", evaluate(choice, row)) for choice in choices)
            return found is not negated
        case Call("active", (asked,)):
            return evaluate(asked, row) is not None
        case Call(function, arguments):
            values = [evaluate(argument, row) for argument in arguments]
            return None if None in values else _finite(lambda: _FUNCTIONS[function](*values))
        case Conditional(then, test, otherwise):
            held = evaluate(test, row)
            return None if held is None else evaluate(then if held else otherwise, row)


NULL = object()
_FUNCTIONS: Mapping[str, Any] = {
    "min": min,
    "max": max,
    "abs": abs,
    "floor": math.floor,
    "ceil": math.ceil,
    "round": round,
    "sqrt": math.sqrt,
    "exp": math.exp,
    "log": math.log,
    "log2": math.log2,
    "log10": math.log10,
}


def _operate(operator: str, left: Any, right: Any) -> Any:
    if left is None or right is None:
        return None
    operations: Mapping[str, Any] = {
        "+": lambda: left + right,
        "-": lambda: left - right,
        "*": lambda: left * right,
        "/": lambda: left / right,
        "//": lambda: left // right,
        "%": lambda: left % right,
        "**": lambda: float(left) ** right,
    }
    return _finite(operations[operator])


def _compare(left: Any, operator: str, right: Any) -> Any:
    if left is None or right is None:
        return None
    equal = isinstance(left, bool) == isinstance(right, bool) and left == right
    if operator in ("==", "!="):
        return equal is (operator == "==")
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[
        operator
    ]


def _finite(operation: Any) -> Any:
    try:
        value = operation()
    except (ArithmeticError, ValueError):
        return None
    return value if not isinstance(value, complex) and math.isfinite(value) else None

"""Random expressions over a small space, and the plainest way to compute one."""

import math
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

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
from sweepwright.space import (
    Categorical,
    Integer,
    Nested,
    Normal,
    Ordinal,
    Parameter,
    Real,
    SearchSpace,
)

SPACE = SearchSpace(
    [
        Parameter("x", Real(-2, 3)),
        Parameter("rate", Real(1e-4, 1, log=True)),
        Parameter("cut", Real(0, 1, step=0.1)),
        Parameter("bell", Normal(0, 1)),
        Parameter("n", Integer(-3, 12)),
        Parameter("size", Categorical((16, 32, 64))),
        Parameter("level", Ordinal((0.5, 1, 2))),
        Parameter("flag", Categorical((True, False))),
        Parameter("kind", Nested(("sgd", "adam", "lamb"))),
        Parameter("word", Categorical(("a", "b", "sgd"))),
        Parameter("mixed", Categorical((1, "a", None, True, 2.5))),
        Parameter("odd-name", Real(0, 1)),
    ]
)
NUMBERS = ["x", "rate", "cut", "bell", "n", "size", "level", "odd-name"]
TEXTS = ["kind", "word"]

ORDERS = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
EQUALITIES = st.sampled_from(["==", "!="])
WORDS: st.SearchStrategy[Expression] = st.sampled_from(["sgd", "adam", "a", "z"]).map(Literal)
PLAIN: st.SearchStrategy[Literal] = st.sampled_from([1, "a", None, True, 2.5, 1.0, "q"]).map(
    Literal
)
SIZES: st.SearchStrategy[Literal] = st.sampled_from([16, 32, 1, 2, -3, 0.5]).map(Literal)

numbers: st.SearchStrategy[Expression] = st.deferred(
    lambda: st.one_of(
        st.sampled_from(NUMBERS).map(Name),
        st.sampled_from([0, 1, 2, 3, -1, 0.5, 1e-3, -2.5, 16, 1000]).map(Literal),
        st.builds(Unary, st.just("-"), numbers).filter(_sign_is_kept),
        _chains(numbers, ("+", "-")),
        _chains(numbers, ("*", "/", "//", "%")),
        st.builds(Power, numbers, numbers),
        _calls(("abs", "floor", "ceil", "round", "sqrt", "exp", "log", "log2", "log10"), 1),
        _calls(("min", "max"), 2),
        st.builds(Conditional, numbers, conditions, numbers),
    )
)
conditions: st.SearchStrategy[Expression] = st.deferred(
    lambda: st.one_of(
        st.just(Name("flag")),
        st.booleans().map(Literal),
        st.builds(Unary, st.just("not"), conditions),
        _chains(conditions, ("and",)),
        _chains(conditions, ("or",)),
        st.builds(Comparison, numbers, ORDERS, numbers),
        st.builds(Comparison, texts, EQUALITIES, texts),
        st.builds(Comparison, st.sampled_from(TEXTS).map(Name), EQUALITIES, WORDS),
        st.builds(Membership, st.just(Name("mixed")), _several(PLAIN), st.booleans()),
        st.builds(Membership, st.sampled_from(["size", "n"]).map(Name), _several(SIZES)),
        st.builds(Membership, numbers, _several(SIZES), st.booleans()),
        st.sampled_from([*NUMBERS, *TEXTS]).map(lambda name: Call("active", (Name(name),))),
        st.one_of(numbers, conditions, texts).map(lambda asked: Call("active", (asked,))),
        st.builds(Conditional, conditions, conditions, conditions),
    )
)
texts: st.SearchStrategy[Expression] = st.deferred(
    lambda: st.one_of(
        st.sampled_from(TEXTS).map(Name),
        WORDS,
        st.builds(Conditional, texts, conditions, texts),
    )
)


def _several(literals: Any) -> st.SearchStrategy[tuple[Literal, ...]]:
    return st.lists(literals, min_size=1, max_size=3).map(tuple)


def _chains(parts: Any, operators: tuple[str, ...]) -> st.SearchStrategy[Expression]:
    rest = st.lists(st.tuples(st.sampled_from(operators), parts), min_size=1, max_size=3)
    return st.builds(Chain, parts, rest.map(tuple))


def _calls(functions: tuple[str, ...], count: int) -> st.SearchStrategy[Expression]:
    arguments = st.tuples(*[numbers] * count)
    return st.builds(Call, st.sampled_from(functions), arguments)


def _sign_is_kept(unary: Unary) -> bool:
    """Leave out -2, which is read as a number."""
    return not isinstance(unary.operand, Literal)


def compute(node: Expression, row: Mapping[str, Any]) -> Any:  # noqa: C901, PLR0911, PLR0912 - a case for each node
    """Compute one expression for one assignment of values by name; None is unknown.

    A parameter of the value null is `NULL`.
    """
    match node:
        case Literal(value):
            return NULL if value is None else value
        case Name(name):
            return row.get(name)
        case Unary("not", operand):
            held = compute(operand, row)
            return None if held is None else not held
        case Unary(operand=operand):
            value = compute(operand, row)
            return None if value is None else -value
        case Chain(first, rest) if rest[0][0] in ("and", "or"):
            held = [compute(part, row) for part in (first, *(part for _, part in rest))]
            decisive = rest[0][0] == "or"
            if decisive in held:
                return decisive
            return None if None in held else not decisive
        case Chain(first, rest):
            value = compute(first, row)
            for operator, part in rest:
                value = _operate(operator, value, compute(part, row))
            return value
        case Power(base, exponent):
            return _operate("**", compute(base, row), compute(exponent, row))
        case Comparison(left, operator, right):
            return _compare(compute(left, row), operator, compute(right, row))
        case Membership(item, choices, negated):
            value = compute(item, row)
            if value is None:
                return None
            found = any(_compare(value, "==", compute(choice, row)) for choice in choices)
            return found is not negated
        case Call("active", (asked,)):
            return compute(asked, row) is not None
        case Call(function, arguments):
            values = [compute(argument, row) for argument in arguments]
            return None if None in values else _finite(lambda: _FUNCTIONS[function](*values))
        case Conditional(then, test, otherwise):
            held = compute(test, row)
            return None if held is None else compute(then if held else otherwise, row)


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

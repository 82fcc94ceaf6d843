"""Find the names in an expression, and replace names by other names or by expressions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from .syntax import (
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
    children,
)


@dataclass(frozen=True, slots=True)
class Reference:
    """An occurrence of a name in an expression, with its position in the text."""

    name: str
    start: int
    length: int


def references(expression: Expression) -> list[Reference]:
    """List every occurrence of every name, in the order of the text."""
    return [Reference(n.name, n.at.start, n.at.length) for n in _names(expression)]


def renamed(expression: Expression, names: Mapping[str, str]) -> Expression:
    """Replace names in an expression by other names."""
    return substituted(expression, {old: Name(new) for old, new in names.items()})


def substituted(expression: Expression, values: Mapping[str, Expression]) -> Expression:
    """Replace names in an expression by other expressions.

    Each replacement takes the position of the name, so that faults in the replacement point at the
    name in the text.
    """

    def inner(node: Expression) -> Expression:
        return substituted(node, values)

    # Replace all names in one pass, so that names inside a replacement are not replaced again.
    match expression:
        case Name(name, at) if name in values:
            return replace(values[name], at=at)
        case Unary(operand=operand):
            return replace(expression, operand=inner(operand))
        case Chain(first, rest):
            pairs = tuple((operator, inner(node)) for operator, node in rest)
            return replace(expression, first=inner(first), rest=pairs)
        case Power(base, exponent):
            return replace(expression, base=inner(base), exponent=inner(exponent))
        case Comparison(left, _, right):
            return replace(expression, left=inner(left), right=inner(right))
        case Membership(item=item):
            return replace(expression, item=inner(item))
        case Call(arguments=arguments):
            return replace(expression, arguments=tuple(map(inner, arguments)))
        case Conditional(then, test, otherwise):
            return Conditional(inner(then), inner(test), inner(otherwise), expression.at)
    return expression


def divisors(expression: Expression) -> list[Expression]:
    """List the divisors of all divisions and remainders in an expression."""
    found = [inner for child in children(expression) for inner in divisors(child)]
    if isinstance(expression, Chain):
        found += [node for operator, node in expression.rest if operator in ("/", "//", "%")]
    return found


def can_be_unknown(expression: Expression) -> bool:
    """Tell whether an expression may be unknown even if every name in it has a value."""
    match expression:
        # A comparison of null with a number is unknown, since null is not encoded as a number. A
        # power of a negative base with a fraction as exponent has no real value.
        case Literal(None) | Power():
            return True
        case Chain(rest=rest) if any(operator in _PARTIAL for operator, _ in rest):
            return True
        case Call(function) if function in _PARTIAL:
            return True
    return any(map(can_be_unknown, children(expression)))


_PARTIAL = ("/", "//", "%", "*", "sqrt", "exp", "log", "log2", "log10")
"""Operators and functions whose results may not be finite.

`*` and `exp` may overflow. `+` and `-` cannot overflow, since domains and literals are limited to
1e300.
"""


def _names(expression: Expression) -> Iterator[Name]:
    if isinstance(expression, Name):
        yield expression
    for child in children(expression):
        yield from _names(child)

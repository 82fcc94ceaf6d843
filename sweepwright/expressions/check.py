"""Infer the type of an expression, and report operands whose types do not match.

Types are inferred bottom-up. Each node gets a `Kind`, or None if a fault in the node has already
been reported. So the operators around a mistake do not report it again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from typing import TypeAlias

from ..domains import Domain
from .kinds import NUMBERS, Kind, choices_of, kind_of, kind_of_value
from .syntax import (
    Call,
    Chain,
    Comparison,
    Conditional,
    Expression,
    Extent,
    Literal,
    Membership,
    Name,
    Power,
    Unary,
    children,
)


class FaultKind(Enum):
    """The kinds of faults in an expression that has no syntax error."""

    UNKNOWN_NAME = "unknown name"
    TYPE_MISMATCH = "type mismatch"
    IMPOSSIBLE_COMPARISON = "impossible comparison"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault in an expression, with its position in the text."""

    kind: FaultKind
    message: str
    start: int
    length: int
    help: str | None = None


Known: TypeAlias = Mapping[str, Domain | Kind]
"""Mapping from each name to the domain of the parameter or the kind of the derived value."""


def check(expression: Expression, known: Known) -> tuple[Kind | None, list[Fault]]:
    """Return the kind and the faults of an expression.

    The kind is None if the expression cannot be computed. An expression with an impossible
    comparison still has a kind, since such a comparison is computed as false.
    """
    checker = _Checker(known)
    kind = checker.kind(expression)
    # An expression with an impossible comparison can still be computed, so its kind is returned.
    lasting = [f for f in checker.faults if f.kind is not FaultKind.IMPOSSIBLE_COMPARISON]
    return (None if lasting else kind), checker.faults


class _Checker:
    """Infers the kind of each node, and collects faults."""

    def __init__(self, known: Known) -> None:
        self.faults: list[Fault] = []
        self._known = known

    def kind(self, node: Expression) -> Kind | None:  # noqa: C901, PLR0911 - a case for each node
        match node:
            case Literal(value):
                return kind_of_value(value)
            case Name(name):
                return self._name(node, name)
            case Unary("not", operand):
                return self._require_boolean([operand], "`not`")
            case Unary(operand=operand) | Call("abs", (operand,)):
                return self._number(
                    [operand], "the sign `-`" if isinstance(node, Unary) else "`abs`"
                )
            case Chain(first, ((("or" | "and") as operator, _), *_)):
                return self._require_boolean(children(node), f"`{operator}`")
            case Chain(first, rest):
                return self._arithmetic(first, rest)
            case Power(base, exponent):
                return self._power(base, exponent)
            case Comparison(left, operator, right):
                return self._comparison(left, operator, right)
            case Membership(item, choices):
                return self._membership(item, choices)
            case Call(function, arguments):
                return self._call(function, arguments)
            case Conditional(then, test, otherwise):
                return self._conditional(then, test, otherwise)

    def _name(self, node: Name, name: str) -> Kind | None:
        if name not in self._known:
            self._report(FaultKind.UNKNOWN_NAME, f"no parameter is called `{name}`", node.at)
            return None
        known = self._known[name]
        return known if isinstance(known, Kind) else kind_of(known)

    def _require_boolean(self, nodes: Sequence[Expression], what: str) -> Kind | None:
        kinds = []
        for node in nodes:
            kind = self.kind(node)
            if kind not in (None, Kind.BOOLEAN):
                self._report_mismatch(node, kind, f"but {what} needs a boolean", Kind.BOOLEAN)
            kinds.append(kind)
        return Kind.BOOLEAN if set(kinds) == {Kind.BOOLEAN} else None

    def _number(self, nodes: Sequence[Expression], what: str) -> Kind | None:
        kinds = []
        for node in nodes:
            kind = self.kind(node)
            if kind is not None and kind not in NUMBERS:
                self._report_mismatch(node, kind, f"but {what} needs a number", Kind.NUMBER)
                kind = None
            kinds.append(kind)
        if None in kinds:
            return None
        return Kind.INTEGER if set(kinds) == {Kind.INTEGER} else Kind.NUMBER

    def _arithmetic(
        self, first: Expression, rest: Sequence[tuple[str, Expression]]
    ) -> Kind | None:
        kind = self._number([first, *(node for _, node in rest)], f"`{rest[0][0]}`")
        divides = any(operator == "/" for operator, _ in rest)
        return Kind.NUMBER if kind and divides else kind

    def _power(self, base: Expression, exponent: Expression) -> Kind | None:
        kind = self._number([base, exponent], "`**`")
        # Only a literal exponent is known to be a natural number. If n is negative, 2 ** n is a
        # fraction.
        natural = isinstance(exponent, Literal) and str(exponent).isdecimal()
        return Kind.NUMBER if kind and not natural else kind

    def _call(self, function: str, arguments: Sequence[Expression]) -> Kind | None:
        if function == "active":
            return self._active(arguments[0])
        kind = self._number(arguments, f"`{function}`")
        if kind is None or function in ("min", "max"):
            return kind
        return Kind.INTEGER if function in ("floor", "ceil", "round") else Kind.NUMBER

    def _active(self, node: Expression) -> Kind | None:
        if self.kind(node) is None:
            return None
        if isinstance(node, Name) and isinstance(self._known[node.name], Kind):
            message = f"`{node}` is a derived value, but `active` needs a parameter"
            self._report(FaultKind.TYPE_MISMATCH, message, node.at)
        return Kind.BOOLEAN

    def _conditional(
        self, then: Expression, test: Expression, otherwise: Expression
    ) -> Kind | None:
        self._require_boolean([test], "`if`")
        one, other = self.kind(then), self.kind(otherwise)
        if one is Kind.MIXED and other is Kind.MIXED:
            self._report_mismatch(then, one, "which can only be compared with a constant")
            return None
        if one is None or other is None or one is other:
            return one and other
        if {one, other} == NUMBERS:
            return Kind.NUMBER
        message = f"`{otherwise}` is {other.value}, but the other result, `{then}`, is {one.value}"
        self._report(FaultKind.TYPE_MISMATCH, message, otherwise.at)
        return None

    def _comparison(self, left: Expression, operator: str, right: Expression) -> Kind | None:
        one, other = self.kind(left), self.kind(right)
        if one is None or other is None:
            return None
        if operator not in ("==", "!="):
            return self._order(left, one, operator, right, other)
        # Check a literal that is compared with a parameter against the domain of the parameter.
        # This finds misspelt values.
        for node, literal in ((left, right), (right, left)):
            if isinstance(node, Name) and isinstance(literal, Literal):
                return self._equality_with_literal(node, literal)
        # A mixed choice cannot be encoded as numbers, so it can only be compared with literals, by
        # its indices.
        if Kind.MIXED in (one, other):
            node = left if one is Kind.MIXED else right
            self._report_mismatch(node, Kind.MIXED, "which can only be compared with a constant")
        elif one is not other and {one, other} != NUMBERS:
            self._report_mismatch(right, other, f"but `{left}` is {one.value}", one)
        return Kind.BOOLEAN

    def _order(
        self, left: Expression, one: Kind, operator: str, right: Expression, other: Kind
    ) -> Kind:
        for node, kind in ((left, one), (right, other)):
            if kind not in NUMBERS:
                self._report_mismatch(node, kind, f"but `{operator}` needs a number", Kind.NUMBER)
                break
        return Kind.BOOLEAN

    def _membership(self, item: Expression, choices: Sequence[Literal]) -> Kind | None:
        kind = self.kind(item)
        if kind is None:
            return None
        for choice in choices:
            if isinstance(item, Name):
                self._equality_with_literal(item, choice)
            else:
                self._comparison(item, "==", choice)
        return Kind.BOOLEAN

    def _equality_with_literal(self, node: Name, literal: Literal) -> Kind:
        """Report a comparison of a parameter with a literal that the parameter can never equal."""
        known = self._known[node.name]
        kind = known if isinstance(known, Kind) else kind_of(known)
        other = kind_of_value(literal.value)
        if kind is not Kind.MIXED and kind is not other and {kind, other} != NUMBERS:
            suggestion = None if isinstance(known, Kind) else _describe_values(known)
            message = f"`{literal}` is {other.value}, but `{node}` is {kind.value}"
            self._report(FaultKind.TYPE_MISMATCH, message, literal.at, suggestion)
        elif not isinstance(known, Kind) and known.number(literal.value) is None:
            self._report_never_equal(node, literal, known)
        return Kind.BOOLEAN

    def _report_never_equal(self, node: Name, literal: Literal, domain: Domain) -> None:
        words = {str(value): value for value in choices_of(domain) or () if isinstance(value, str)}
        near = get_close_matches(str(literal.value), words, n=1)
        suggestion = f"did you mean `{Literal(near[0])}`?" if near else _describe_values(domain)
        message = f"`{node}` is never `{literal}`"
        self._report(FaultKind.IMPOSSIBLE_COMPARISON, message, literal.at, suggestion)

    def _report_mismatch(
        self, node: Expression, kind: Kind, why: str, wanted: Kind | None = None
    ) -> None:
        message = f"`{node}` is {kind.value}, {why}"
        suggestion = None
        if wanted is Kind.NUMBER and kind is Kind.TEXT:
            suggestion = "text can be compared with `==`, `!=` and `in`"
        if wanted is Kind.BOOLEAN and kind in NUMBERS:
            suggestion = f"compare the operand with a number, as in `{node} > 0`"
        if wanted is Kind.BOOLEAN and kind is Kind.TEXT and isinstance(node, Name):
            suggestion = f'compare the operand with a text, as in `{node} == "…"`'
        self._report(FaultKind.TYPE_MISMATCH, message, node.at, suggestion)

    def _report(self, kind: FaultKind, message: str, at: Extent, help_: str | None = None) -> None:
        self.faults.append(Fault(kind, message, at.start, max(1, at.length), help_))


def _describe_values(domain: Domain) -> str:
    """Describe the values of a domain, for a suggestion."""
    choices = choices_of(domain)
    if choices is None:
        return f"its domain is {domain}"
    if len(choices) > _MOST_LISTED:
        return f"it has {len(choices)} values"
    return f"its values are {', '.join(str(Literal(choice)) for choice in choices)}"


_MOST_LISTED = 12
"""Largest number of values that a message lists; for a longer choice, it gives only the number."""

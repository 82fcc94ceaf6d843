"""The syntax of expressions as a tree of frozen nodes, each of which writes itself.

What a node writes is canonical: it parses back to an equal node. Where in a text a node was
written does not count when nodes are compared.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Extent:
    """Where in the text something stands, and how long it is."""

    start: int = 0
    length: int = 0


def _unplaced() -> Extent:
    return Extent()


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a text, true, false or null."""

    value: bool | int | float | str | None
    at: Extent = field(default_factory=_unplaced, compare=False)

    def __eq__(self, other: object) -> bool:
        """Tell 1, 1.0 and true apart."""
        if not isinstance(other, Literal):
            return NotImplemented
        return type(self.value) is type(other.value) and self.value == other.value

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))

    def __str__(self) -> str:
        return json.dumps(self.value, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Name:
    """The value of a parameter, such as ``optimizer.sgd.momentum``."""

    name: str
    at: Extent = field(default_factory=_unplaced, compare=False)

    def __str__(self) -> str:
        return written_name(self.name)


@dataclass(frozen=True, slots=True)
class Unary:
    """``-x`` or ``not x``."""

    operator: str
    operand: "Expression"
    at: Extent = field(default_factory=_unplaced, compare=False)

    def __str__(self) -> str:
        blank = " " if self.operator == "not" else ""
        return f"{self.operator}{blank}{_inside(self.operand, _strength(self))}"


@dataclass(frozen=True, slots=True)
class Chain:
    """Operators of one strength from left to right: ``a - b + c``, ``a * b // c``, ``a or b``."""

    first: "Expression"
    rest: tuple[tuple[str, "Expression"], ...]
    at: Extent = field(default_factory=_unplaced, compare=False)

    def __str__(self) -> str:
        strength = _strength(self) + 1
        words = [f"{operator} {_inside(node, strength)}" for operator, node in self.rest]
        return " ".join([_inside(self.first, strength), *words])


@dataclass(frozen=True, slots=True)
class Power:
    """``a ** b``."""

    base: "Expression"
    exponent: "Expression"
    at: Extent = field(default_factory=_unplaced, compare=False)

    def __str__(self) -> str:
        base = _inside(self.base, _POWER + 1)
        return f"{base} ** {_inside(self.exponent, _UNARY)}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """``a < b``."""

    left: "Expression"
    operator: str
    right: "Expression"
    at: Extent = field(default_factory=_unplaced, compare=False)

    def __str__(self) -> str:
        left, right = (_inside(node, _COMPARISON + 1) for node in (self.left, self.right))
        return f"{left} {self.operator} {right}"


@dataclass(frozen=True, slots=True)
class Membership:
    """``a in [1, 2]`` or ``a not in [1, 2]``."""

    item: "Expression"
    choices: tuple[Literal, ...]
    negated: bool = False
    at: Extent = field(default_factory=_unplaced, compare=False)

    def __str__(self) -> str:
        operator = "not in" if self.negated else "in"
        listed = ", ".join(map(str, self.choices))
        return f"{_inside(self.item, _COMPARISON + 1)} {operator} [{listed}]"


@dataclass(frozen=True, slots=True)
class Call:
    """``min(a, b)``."""

    function: str
    arguments: tuple["Expression", ...]
    at: Extent = field(default_factory=_unplaced, compare=False)

    def __str__(self) -> str:
        return f"{self.function}({', '.join(map(str, self.arguments))})"


@dataclass(frozen=True, slots=True)
class Conditional:
    """``a if c else b``."""

    then: "Expression"
    test: "Expression"
    otherwise: "Expression"
    at: Extent = field(default_factory=_unplaced, compare=False)

    def __str__(self) -> str:
        then, test = _inside(self.then, _OR), _inside(self.test, _OR)
        return f"{then} if {test} else {_inside(self.otherwise, _CONDITIONAL)}"


Expression: TypeAlias = (
    Literal | Name | Unary | Chain | Power | Comparison | Membership | Call | Conditional
)

_CONDITIONAL, _OR, _AND, _NOT, _COMPARISON, _SUM, _TERM, _UNARY, _POWER, _ATOM = range(10)
"""How strongly an operator binds, from the weakest on."""
STRENGTHS = {"or": _OR, "and": _AND, "+": _SUM, "-": _SUM} | dict.fromkeys(
    ("*", "/", "//", "%"), _TERM
)
KEYWORDS = frozenset({"and", "or", "not", "in", "if", "else", "true", "false", "null", "none"})


def written_name(name: str) -> str:
    """Write a name, with each part in backticks that could not be read otherwise."""
    return ".".join(map(_part, name.split(".")))


def _part(part: str) -> str:
    # After `when` the call form has a condition, wherever it stands.
    word = part.isidentifier() and re.fullmatch(r"\w+", part) is not None
    return part if word and part.lower() not in {*KEYWORDS, "when"} else f"`{part}`"


def _inside(node: Expression, strength: int) -> str:
    """Write a node as part of another, in parentheses where it binds less strongly."""
    return f"({node})" if _strength(node) < strength else str(node)


def _strength(node: Expression) -> int:
    match node:
        case Conditional():
            return _CONDITIONAL
        case Chain(rest=rest):
            return STRENGTHS[rest[0][0]]
        case Comparison() | Membership():
            return _COMPARISON
        case Unary(operator):
            return _NOT if operator == "not" else _UNARY
        case Literal(bool() | str() | None):
            return _ATOM
        case Literal(value):
            # -1 is written with a sign, which binds less strongly than a power.
            return _UNARY if str(value).startswith("-") else _ATOM
        case Power():
            return _POWER
    return _ATOM


def children(node: Expression) -> Sequence[Expression]:
    """List the expressions that a node is made of."""
    match node:
        case Unary(operand=operand):
            return [operand]
        case Chain(first, rest):
            return [first, *(inner for _, inner in rest)]
        case Power(base, exponent):
            return [base, exponent]
        case Comparison(left, _, right):
            return [left, right]
        case Membership(item, choices):
            return [item, *choices]
        case Call(arguments=arguments):
            return arguments
        case Conditional(then, test, otherwise):
            return [then, test, otherwise]
    return []


def has_comparison(node: Expression) -> bool:
    """Tell whether anything is compared anywhere in an expression."""
    compares = isinstance(node, Comparison | Membership)
    return compares or any(map(has_comparison, children(node)))

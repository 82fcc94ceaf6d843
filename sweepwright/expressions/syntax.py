"""The syntax tree of expressions: immutable nodes that format themselves.

``str(node)`` is the canonical text of a node: parsing this text gives an equal node. Plans store
expressions as canonical text. Each node also has an extent: its position in the text from which it
was parsed. Extents are ignored when nodes are compared and hashed.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Extent:
    """The position and the length of a node in the text from which it was parsed."""

    start: int = 0
    length: int = 0


def _unplaced() -> Extent:
    return Extent()


@dataclass(frozen=True, slots=True)
class Literal:
    """A literal: a number, a string, true, false or null."""

    value: bool | int | float | str | None
    at: Extent = field(default_factory=_unplaced, compare=False)

    def __eq__(self, other: object) -> bool:
        """Compare values and types: unlike in Python, 1, 1.0 and true are different literals."""
        if not isinstance(other, Literal):
            return NotImplemented
        return type(self.value) is type(other.value) and self.value == other.value

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))

    def __str__(self) -> str:
        # The literals of the language are written as in JSON: true, false, null, and strings in
        # double quotes.
        return json.dumps(self.value, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a parameter or derived value, such as ``optimizer.sgd.momentum``."""

    name: str
    at: Extent = field(default_factory=_unplaced, compare=False)

    def __str__(self) -> str:
        return format_name(self.name)


@dataclass(frozen=True, slots=True)
class Unary:
    """A unary operator: ``-x`` or ``not x``."""

    operator: str
    operand: "Expression"
    at: Extent = field(default_factory=_unplaced, compare=False)

    def __str__(self) -> str:
        blank = " " if self.operator == "not" else ""
        return f"{self.operator}{blank}{_operand(self.operand, _precedence(self))}"


@dataclass(frozen=True, slots=True)
class Chain:
    """Operators of the same precedence, applied from left to right, such as ``a - b + c``.

    A chain is a single flat node, so that a sum of a thousand terms is not deeper than a sum of
    two terms.
    """

    first: "Expression"
    rest: tuple[tuple[str, "Expression"], ...]
    at: Extent = field(default_factory=_unplaced, compare=False)

    def __str__(self) -> str:
        # An operand that is itself a chain of this precedence keeps its parentheses, both on the
        # left and on the right: a - (b - c), (a - b) - c and a - b - c are three different trees.
        precedence = _precedence(self) + 1
        words = [f"{operator} {_operand(node, precedence)}" for operator, node in self.rest]
        return " ".join([_operand(self.first, precedence), *words])


@dataclass(frozen=True, slots=True)
class Power:
    """A power: ``a ** b``."""

    base: "Expression"
    exponent: "Expression"
    at: Extent = field(default_factory=_unplaced, compare=False)

    def __str__(self) -> str:
        base = _operand(self.base, _POWER + 1)
        return f"{base} ** {_operand(self.exponent, _UNARY)}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison: ``a < b``."""

    left: "Expression"
    operator: str
    right: "Expression"
    at: Extent = field(default_factory=_unplaced, compare=False)

    def __str__(self) -> str:
        left, right = (_operand(node, _COMPARISON + 1) for node in (self.left, self.right))
        return f"{left} {self.operator} {right}"


@dataclass(frozen=True, slots=True)
class Membership:
    """A membership test: ``a in [1, 2]`` or ``a not in [1, 2]``."""

    item: "Expression"
    choices: tuple[Literal, ...]
    negated: bool = False
    at: Extent = field(default_factory=_unplaced, compare=False)

    def __str__(self) -> str:
        operator = "not in" if self.negated else "in"
        listed = ", ".join(map(str, self.choices))
        return f"{_operand(self.item, _COMPARISON + 1)} {operator} [{listed}]"


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function: ``min(a, b)``."""

    function: str
    arguments: tuple["Expression", ...]
    at: Extent = field(default_factory=_unplaced, compare=False)

    def __str__(self) -> str:
        return f"{self.function}({', '.join(map(str, self.arguments))})"


@dataclass(frozen=True, slots=True)
class Conditional:
    """A conditional expression: ``a if c else b``."""

    then: "Expression"
    test: "Expression"
    otherwise: "Expression"
    at: Extent = field(default_factory=_unplaced, compare=False)

    def __str__(self) -> str:
        then, test = _operand(self.then, _OR), _operand(self.test, _OR)
        return f"{then} if {test} else {_operand(self.otherwise, _CONDITIONAL)}"


Expression: TypeAlias = (
    Literal | Name | Unary | Chain | Power | Comparison | Membership | Call | Conditional
)

_CONDITIONAL, _OR, _AND, _NOT, _COMPARISON, _SUM, _TERM, _UNARY, _POWER, _ATOM = range(10)
"""Precedence levels, from the loosest binding to the tightest."""
_PRECEDENCES = {"or": _OR, "and": _AND, "+": _SUM, "-": _SUM} | dict.fromkeys(
    ("*", "/", "//", "%"), _TERM
)
KEYWORDS = frozenset({"and", "or", "not", "in", "if", "else", "true", "false", "null", "none"})


def format_name(name: str) -> str:
    """Format a name, with backticks around each part that could not be parsed without them."""
    return ".".join(map(_name_part, name.split(".")))


def _name_part(part: str) -> str:
    # In the call form, the first `when` without quotes or backticks begins the condition.
    word = part.isidentifier() and re.fullmatch(r"\w+", part) is not None
    return part if word and part.lower() not in {*KEYWORDS, "when"} else f"`{part}`"


def _operand(node: Expression, precedence: int) -> str:
    """Format an operand, with parentheses if it binds more loosely than the operator around it."""
    return f"({node})" if _precedence(node) < precedence else str(node)


def _precedence(node: Expression) -> int:
    match node:
        case Conditional():
            return _CONDITIONAL
        case Chain(rest=rest):
            return _PRECEDENCES[rest[0][0]]
        case Comparison() | Membership():
            return _COMPARISON
        case Unary(operator):
            return _NOT if operator == "not" else _UNARY
        case Literal(bool() | str() | None):
            return _ATOM
        case Literal(value):
            # A negative number is written with a sign, which binds more loosely than a power. So
            # (-2) ** 2 needs its parentheses.
            return _UNARY if str(value).startswith("-") else _ATOM
        case Power():
            return _POWER
    return _ATOM


def children(node: Expression) -> Sequence[Expression]:
    """List the operands and arguments of a node."""
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
    """Tell whether an expression contains a comparison."""
    compares = isinstance(node, Comparison | Membership)
    return compares or any(map(has_comparison, children(node)))

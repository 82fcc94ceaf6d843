"""Expressions about parameters: conditions, constraints and derived values.

docs/expressions.md describes the language. `parse` turns the text of an expression into a syntax
tree. `check` infers the type of the expression from the domains of its parameters. `Formula`
compiles the expression to functions over the columns of a space, which compute a whole batch at
once. `bounds` evaluates the expression over boxes of assignments, for the proofs of
`sweepwright.space.proofs`. No expression is ever evaluated as Python code.
"""

from .bounds import Boxes, PossibleTruth
from .check import Fault, FaultKind, check
from .formula import ABSENT, Formula
from .kinds import Kind, kind_of, texts_of
from .names import Reference, can_be_unknown, divisors, references, renamed, substituted
from .parser import LONGEST, parse
from .syntax import Expression, Literal, Name, Unary, format_name
from .tokens import ExpressionError

__all__ = [
    "ABSENT",
    "LONGEST",
    "Boxes",
    "Expression",
    "ExpressionError",
    "Fault",
    "FaultKind",
    "Formula",
    "Kind",
    "Literal",
    "Name",
    "PossibleTruth",
    "Reference",
    "Unary",
    "can_be_unknown",
    "check",
    "divisors",
    "format_name",
    "kind_of",
    "parse",
    "references",
    "renamed",
    "substituted",
    "texts_of",
]

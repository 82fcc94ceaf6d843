"""Expressions about parameters: conditions, constraints and derived values.

docs/expressions.md describes the language. `parse` turns a text into a syntax tree, `check` infers
its type from the domains of its parameters, and `Formula` compiles it to functions over the
columns of a space, which compute whole batches. `bounds` evaluates the same tree over boxes of
assignments, for `sweepwright.proofs`. No expression is ever evaluated as Python.
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

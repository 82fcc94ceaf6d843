"""Expressions about parameters: conditions, constraints and derived values.

The language is small, and described in docs/expressions.md. An expression is parsed to a tree,
checked against the domains of the parameters that it names, and bound to the columns of a
space, for which it is computed in whole batches. Nothing is ever evaluated as Python.
"""

from .bounds import Boxes, Possible
from .check import Fault, FaultKind, check
from .formula import ABSENT, Formula
from .kinds import Kind, kind_of, texts_of
from .names import Reference, can_be_unknown, divisors, references, renamed, substituted
from .parser import LONGEST, parse
from .syntax import Expression, Literal, Name, Unary, written_name
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
    "Possible",
    "Reference",
    "Unary",
    "can_be_unknown",
    "check",
    "divisors",
    "kind_of",
    "parse",
    "references",
    "renamed",
    "substituted",
    "texts_of",
    "written_name",
]

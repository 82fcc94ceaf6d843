"""Recognise text that is not a call: the formula of a derived value, or one fixed value.

Before: ``1000 // batch_size when optimizer == "sgd"``.
After: the source of the formula, and that of the condition.

A bare word such as ``resnet-50`` or ``data/train.csv`` must not be taken for a formula. So
operators are recognised by regular expressions that look at their surroundings, and not by the
parser.
"""

import re
from typing import Any

from sweepwright.diagnostics import Code
from sweepwright.expressions.functions import ARITIES

from ...spans import KeyPath, dotted
from ...stages import ExprSource
from .call_form import literal
from .drafts import Drafts
from .nodes import format_value

FUNCTIONS = tuple(ARITIES)
"""Functions of the expression language: a call of one begins a formula and not a domain."""


def find_when(text: str) -> re.Match[str] | None:
    """Find the first `when` outside of quotes, which begins the condition."""
    return next((found for found in _QUOTED_OR_WHEN.finditer(text) if found["when"]), None)


_QUOTED = r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`"""
_QUOTED_OR_WHEN = re.compile(rf"{_QUOTED}|(?P<when>(?<=\s)when(?=\s|$))")


def is_formula(text: str) -> bool:
    """Tell whether a text is a formula.

    A hyphen, slash or plus may be part of a name, as in ``resnet-50``. It counts as an operator
    only with a blank on both sides, beside a parenthesis, or after a number.
    """
    bare = re.sub(_QUOTED, "x", text)
    return _CALL.search(bare) is not None or _OPERATOR.search(bare) is not None


_CALL = re.compile(rf"\b(?:{'|'.join(FUNCTIONS)})\s*\(")
_OPERATOR = re.compile(
    r"""[\w)] \s* (?:\*\*?|//|%|[=!<>]=|[<>]) \s* [\w(.+-]       # a*b, a<=b: never in a name
      | [\w)] \s+ (?:[+/-]|and|or|in) \s+ [\w(.+-]              # a - b, with blanks
      | \) \s* [+/-] \s* [\w(.] | [\w)] \s* [+/-] \s* \(         # (a)-b, a-(b)
      | (?<![\w.]) [\d.]+ \s* [+/-] \s* [A-Za-z_(]              # 1-a
      | [A-Za-z_]\w* / [\d.]+ $                                 # a/2
      | [\w)] \s+ (?:not\s+in|if) \s+ [\w(\[] | \bin \s* [\[(]  # a not in [1], a in [1]
      | ^ not (?: \s+ \w | \s* \( ) | ^ - \s* [A-Za-z_(]        # not a, -a""",
    re.VERBOSE,
)


def is_fixed(text: str) -> bool:
    """Tell whether a text is a number, `true` or `false`."""
    return isinstance(literal(text), int | float)


def expr_source_at(value: Any, at: KeyPath, scope: str, drafts: Drafts) -> ExprSource | None:
    """Return a value of the configuration as the source of an expression, or report it."""
    if isinstance(value, str) and value.strip():
        return ExprSource(value.strip(), drafts.spans.value(at), scope)
    message = f"`{dotted(at[1:])}` must be an expression, not `{format_value(value)}`"
    if isinstance(value, str):
        message = f"the expression `{dotted(at[1:])}` is empty"
    drafts.error(Code.BAD_ARGUMENTS, message, drafts.spans.value(at))
    return None

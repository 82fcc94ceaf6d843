"""Recognise text that is not a call: the formula of a derived value, or a constant.

Before: ``1000 // batch_size when optimizer == "sgd"``.
After: the source of the formula, and the source of the condition.

A word such as ``resnet-50`` or ``data/train.csv`` must not be mistaken for a formula. The parser
would accept such words, so a regular expression recognises operators by the characters around
them.
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
"""Functions of the expression language; text that begins with a call of one is a formula."""


def find_when(text: str) -> re.Match[str] | None:
    """Find the first word `when` outside of quotes, after which the condition begins."""
    # In `mode == "say when" when fast`, only the second `when` begins the condition.
    return next((found for found in _QUOTED_OR_WHEN.finditer(text) if found["when"]), None)


_QUOTED = r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`"""
_QUOTED_OR_WHEN = re.compile(rf"{_QUOTED}|(?P<when>(?<=\s)when(?=\s|$))")


def is_formula(text: str) -> bool:
    """Tell whether a text is a formula.

    A hyphen, slash or plus may be part of a name, as in ``resnet-50``. Such a character counts as
    an operator only if it has a blank on both sides, is next to a parenthesis, or follows a
    number.
    """
    # Quoted text may contain operators without being a formula: `"a - b"`.
    bare = re.sub(_QUOTED, "x", text)
    return _CALL.search(bare) is not None or _OPERATOR.search(bare) is not None


_CALL = re.compile(rf"\b(?:{'|'.join(FUNCTIONS)})\s*\(")
# In doubt, a text is not a formula. The author is then told how to write a choice, whereas a file
# name that is taken for a formula is reported as unknown parameters.
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
    # A boolean is an `int` in Python.
    return isinstance(literal(text), int | float)


def expr_source_at(value: Any, at: KeyPath, scope: str, drafts: Drafts) -> ExprSource | None:
    """Return a value of the configuration as an expression, or report that it is not text."""
    if isinstance(value, str) and value.strip():
        return ExprSource(value.strip(), drafts.spans.value(at), scope)
    message = f"`{dotted(at[1:])}` must be an expression, not `{format_value(value)}`"
    if isinstance(value, str):
        message = f"the expression `{dotted(at[1:])}` is empty"
    drafts.error(Code.BAD_ARGUMENTS, message, drafts.spans.value(at))
    return None

"""Text that is no domain: the formula of a derived value, or one fixed value.

Before: ``1000 // batch_size when optimizer == "sgd"``.
After: the text of the formula, and that of the condition.

Expressions that stand under a key of their own, such as ``when:``.
"""

import re
from typing import Any

from sweepwright.diagnostics import Code

from ...spans import KeyPath, dotted
from ...stages import ExprSource
from .call_form import literal
from .drafts import Drafts
from .nodes import format_value

FUNCTIONS = (
    *("min", "max", "abs", "floor", "ceil", "round", "sqrt", "exp", "log", "log2", "log10"),
    "active",
)
"""The functions of the expression language."""


def find_when(text: str) -> re.Match[str] | None:
    """Find the `when` that ends what is computed, outside of quotes."""
    return next((found for found in _QUOTED_OR_WHEN.finditer(text) if found["when"]), None)


_QUOTED = r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`"""
_QUOTED_OR_WHEN = re.compile(rf"{_QUOTED}|(?P<when>(?<=\s)when(?=\s|$))")


def is_formula(text: str) -> bool:
    """Tell whether a text computes something; names with hyphens or slashes do not.

    What may stand in a name, as in ``resnet-50`` or ``data/train.csv``, is an operator only
    with a space on both sides or a number before it.
    """
    bare = re.sub(_QUOTED, "x", text)
    return _CALL.search(bare) is not None or _OPERATOR.search(bare) is not None


_CALL = re.compile(rf"\b(?:{'|'.join(FUNCTIONS)})\s*\(")
_OPERATOR = re.compile(
    r"""[\w)] \s* (?:\*\*?|//|%|[=!<>]=|[<>]) \s* [\w(.+-]
      | [\w)] \s+ (?:[+/-]|and|or|in) \s+ [\w(.+-]
      | \) \s* [+/-] \s* [\w(.] | [\w)] \s* [+/-] \s* \(
      | (?<![\w.]) [\d.]+ \s* [+/-] \s* [A-Za-z_(]
      | [A-Za-z_]\w* / [\d.]+ $
      | [\w)] \s+ (?:not\s+in|if) \s+ [\w(\[] | \bin \s* [\[(]
      | ^ not (?: \s+ \w | \s* \( ) | ^ - \s* [A-Za-z_(]""",
    re.VERBOSE,
)


def is_fixed(text: str) -> bool:
    """Tell whether a text is one number, true or false."""
    return isinstance(literal(text), int | float)


def expr_source_at(value: Any, at: KeyPath, scope: str, drafts: Drafts) -> ExprSource | None:
    """Take a value as the text of an expression; report one that is no text."""
    if isinstance(value, str) and value.strip():
        return ExprSource(value.strip(), drafts.spans.value(at), scope)
    message = f"`{dotted(at[1:])}` is `{format_value(value)}`, not the text of an expression"
    drafts.error(Code.BAD_ARGUMENTS, message, drafts.spans.value(at))
    return None

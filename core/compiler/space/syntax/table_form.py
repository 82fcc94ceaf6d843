"""Convert the table form of a parameter, whose keys are the arguments of its domain.

Before: ``{type: loguniform, low: 1e-4, high: 1e-1, default: 3e-4}``.
After: the same as ``loguniform(low=1e-4, high=1e-1) = 3e-4``.
"""

from collections.abc import Mapping
from typing import Any

from sweepwright.diagnostics import Code, did_you_mean

from ...stages import ExprSource
from .drafts import Drafts, ParameterSlot
from .expression_text import expr_source_at
from .nodes import Call, Form, ParameterExpr, format_value, key_node, node_at
from .parameters import add_parameter

TYPE = "type"
DERIVED = "derived"
"""The type in the table of a derived value."""

VALUE = "value"
"""The key of the formula in the table of a derived value."""

_OF_EVERY_TABLE = (TYPE, "default", "when")
_OF_DERIVED = (TYPE, VALUE, "when")


def draft_table(table: Mapping[str, Any], slot: ParameterSlot, drafts: Drafts) -> None:
    """Draft the parameter or the derived value that a table describes."""
    condition = None
    if "when" in table:
        condition = expr_source_at(table["when"], (*slot.at, "when"), slot.scope, drafts)
    if table[TYPE] == DERIVED:
        _derive(table, slot, drafts, condition)
        return
    default = table.get("default")
    # `default: null` removes a default that another file has set.
    node = node_at(default, (*slot.at, "default"), drafts.spans)
    expr = ParameterExpr(_call(table, slot, drafts), None if default is None else node, condition)
    add_parameter(expr, slot, drafts)


def _call(table: Mapping[str, Any], slot: ParameterSlot, drafts: Drafts) -> Call:
    """Return a call whose arguments are the keys of a table."""
    keywords = {
        # YAML may read a key as a number or a boolean; messages need it as text.
        format_value(key): (
            key_node((*slot.at, key), drafts.spans),
            node_at(value, (*slot.at, key), drafts.spans),
        )
        for key, value in table.items()
        if key not in _OF_EVERY_TABLE
    }
    name = node_at(table[TYPE], (*slot.at, TYPE), drafts.spans)
    return Call(name, (), keywords, Form.TABLE)


def _derive(
    table: Mapping[str, Any], slot: ParameterSlot, drafts: Drafts, condition: ExprSource | None
) -> None:
    for key in table:
        if key not in _OF_DERIVED:
            suggestion = did_you_mean(format_value(key), list(_OF_DERIVED))
            message = f"a derived value has no key `{format_value(key)}`"
            span = drafts.spans.key((*slot.at, key))
            drafts.error(Code.BAD_ARGUMENTS, message, span, suggestion)
    if VALUE not in table:
        message = f"the derived value `{slot.name}` needs a `{VALUE}`"
        span = drafts.spans.value((*slot.at, TYPE))
        drafts.error(Code.BAD_ARGUMENTS, message, span, f'add `{VALUE}: "…"`')
    elif formula := expr_source_at(table[VALUE], (*slot.at, VALUE), slot.scope, drafts):
        drafts.derive(slot, formula, condition)

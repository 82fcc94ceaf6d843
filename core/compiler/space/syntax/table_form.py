"""The table form of a parameter, whose keys are the arguments of its domain.

Before: ``{type: loguniform, low: 1e-4, high: 1e-1, default: 3e-4}``.
After: the phrase that ``loguniform(low=1e-4, high=1e-1) = 3e-4`` would give.
"""

from collections.abc import Mapping
from typing import Any

from sweepwright.diagnostics import Code, did_you_mean

from ...stages import ExprSource
from .drafts import Drafts, ParameterSlot
from .enter import enter
from .expression_text import written_at
from .nodes import Call, Form, ParameterExpr, key_piece, piece_at, shown

TYPE = "type"
DERIVED = "derived"
"""The type of a value that is computed."""

VALUE = "value"
"""Its formula."""

_OF_EVERY_TABLE = (TYPE, "default", "when")
_OF_DERIVED = (TYPE, VALUE, "when")


def draft_table(table: Mapping[str, Any], seat: ParameterSlot, drafts: Drafts) -> None:
    """Draft the parameter, or the derived value, of a table."""
    condition = None
    if "when" in table:
        condition = written_at(table["when"], (*seat.at, "when"), seat.scope, drafts)
    if table[TYPE] == DERIVED:
        _derive(table, seat, drafts, condition)
        return
    default = table.get("default")
    piece = piece_at(default, (*seat.at, "default"), drafts.places)
    phrase = ParameterExpr(
        _call(table, seat, drafts), None if default is None else piece, condition
    )
    enter(phrase, seat, drafts)


def _call(table: Mapping[str, Any], seat: ParameterSlot, drafts: Drafts) -> Call:
    """Read the keys of a table as the arguments of a call."""
    keywords = {
        shown(key): (
            key_piece((*seat.at, key), drafts.places),
            piece_at(value, (*seat.at, key), drafts.places),
        )
        for key, value in table.items()
        if key not in _OF_EVERY_TABLE
    }
    name = piece_at(table[TYPE], (*seat.at, TYPE), drafts.places)
    return Call(name, (), keywords, Form.TABLE)


def _derive(
    table: Mapping[str, Any], seat: ParameterSlot, drafts: Drafts, condition: ExprSource | None
) -> None:
    for key in table:
        if key not in _OF_DERIVED:
            way_out = did_you_mean(shown(key), list(_OF_DERIVED))
            message = f"a derived value takes no `{shown(key)}`"
            span = drafts.places.key((*seat.at, key))
            drafts.error(Code.BAD_ARGUMENTS, message, span, way_out)
    if VALUE not in table:
        message = f"the derived value `{seat.name}` lacks its `{VALUE}`"
        span = drafts.places.value((*seat.at, TYPE))
        drafts.error(Code.BAD_ARGUMENTS, message, span, f'give `{VALUE}: "…"`')
    elif formula := written_at(table[VALUE], (*seat.at, VALUE), seat.scope, drafts):
        drafts.derive(seat, formula, condition)

"""Draft a section: a mapping of names to values, each in any spelling."""

from collections.abc import Mapping
from functools import partial
from math import isfinite
from typing import Any

from sweepwright.diagnostics import Code
from sweepwright.space import Categorical

from ...stages import holes_in
from .call_form import literal, looks_like_call, parse_phrase
from .drafts import Drafts, Seat, Section
from .enter import enter
from .formulas import FUNCTIONS, find_when, is_fixed, is_formula
from .misread import misread
from .nested import CHOICE, draft_nested
from .nni import draft_spec
from .nni_reading import Reading, is_spec
from .pieces import CallError, Text
from .tables import TYPE, draft_table


def draft_section(drafts: Drafts, tree: Mapping[str, Any], section: Section) -> None:
    """Draft all that a section holds, in its order."""
    torn = False
    for key, value in tree.items():
        if torn and value is None:
            # Inside braces YAML tore a call at its commas; the call itself is reported.
            torn = not str(key).endswith(")")
            continue
        torn = isinstance(value, str) and value.count("(") > value.count(")")
        if drafts.named_well(key, (*section.at, key)):
            seat = section.seat(key)
            drafts.named.add(seat.name)
            _draft(value, seat, drafts)


def _draft(value: Any, seat: Seat, drafts: Drafts) -> None:
    """Draft a value by what it looks like."""
    match value:
        case int() | float() if isinstance(value, int) or isfinite(value):
            drafts.add(seat, Categorical((value,)))
        case str():
            _draft_text(Text(value, partial(drafts.places.value, seat.at)), seat, drafts)
        case Mapping() if CHOICE in value and TYPE not in value:
            sound = _without_holes(value, drafts)
            draft_nested(sound, seat, drafts, partial(draft_section, drafts))
        case _ if any(True for _ in holes_in(value)):
            drafts.whole = False
        case Mapping() if is_spec(value):
            draft_spec(value, seat, drafts, Reading())
        case Mapping() if TYPE in value:
            draft_table(value, seat, drafts)
        case _:
            misread(value, seat, drafts)


def _draft_text(text: Text, seat: Seat, drafts: Drafts) -> None:
    call = looks_like_call(text.text)
    if call and call[1] not in FUNCTIONS:
        _draft_call(text, seat, drafts)
        return
    when = find_when(text.text)
    head = text.text[: when.start()] if when else text.text
    condition = text.written(when.end(), seat.scope) if when else None
    if when and condition and not condition.text:
        span = text.piece(when.start(), len("when")).span
        drafts.error(Code.BAD_ARGUMENTS, "nothing stands after `when`", span)
    elif is_formula(head):
        drafts.derive(seat, text.written(0, seat.scope, len(head)), condition)
    elif condition and is_fixed(head.strip()):
        drafts.add(seat, Categorical((literal(head.strip()),)), None, condition)
    else:
        misread(head.strip(), seat, drafts)


def _draft_call(text: Text, seat: Seat, drafts: Drafts) -> None:
    try:
        phrase = parse_phrase(text, seat.scope)
    except CallError as error:
        drafts.tell(error.fault, seat)
        return
    enter(phrase, seat, drafts)


def _without_holes(value: Mapping[str, Any], drafts: Drafts) -> Mapping[str, Any]:
    """Leave out what is at fault beside the branches of a nested choice."""
    faulty = [key for key in value if key != CHOICE and any(True for _ in holes_in(value[key]))]
    drafts.whole &= not faulty
    return {key: inner for key, inner in value.items() if key not in faulty}

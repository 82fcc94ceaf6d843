"""Draft a section: a mapping of names to values, each in any spelling.

Say of a value that is no domain how one like it is written.
"""

from collections.abc import Mapping
from functools import partial
from math import isfinite
from typing import Any

from sweepwright.diagnostics import Code, did_you_mean
from sweepwright.space import Categorical

from ..stages import dotted, holes_in
from .nni.dialect import Reading, is_spec
from .nni.spec import draft_spec
from .syntax.call_form import literal, looks_like_call, parse_phrase
from .syntax.choices import written_choice
from .syntax.drafts import Drafts, ParameterSlot, Section
from .syntax.enter import enter
from .syntax.expression_text import FUNCTIONS, find_when, is_fixed, is_formula
from .syntax.nested import CHOICE, draft_nested
from .syntax.nodes import CallError, Text, shown
from .syntax.table_form import TYPE, draft_table


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


def _draft(value: Any, seat: ParameterSlot, drafts: Drafts) -> None:
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


def _draft_text(text: Text, seat: ParameterSlot, drafts: Drafts) -> None:
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


def _draft_call(text: Text, seat: ParameterSlot, drafts: Drafts) -> None:
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


def misread(value: Any, seat: ParameterSlot, drafts: Drafts) -> None:
    """Report a value that is no domain."""
    message, way_out = _reading(value, seat)
    drafts.misread(message, seat.at, way_out)


def _reading(value: Any, seat: ParameterSlot) -> tuple[str, str | None]:
    name = seat.name
    match value:
        case None:
            return f"`{name}` has no domain", f"to leave it out, give `~{dotted(seat.at)}`"
        case str():
            return f"`{shown(value)}` is no domain", _of_text(value)
        case Mapping():
            return _of_mapping(value, name)
        case list():
            return f"`{name}` is a list, which is no domain", _of_list(value, seat)
    return f"`{name}` is {value}, which is no domain", None


def _of_text(text: str) -> str:
    if not isinstance(literal(text), str):
        return f"for one fixed value write `{text}`, without quotes"
    words = [word.strip() for word in text.split(",")]
    if len(words) > 1 and all(words) and "(" not in text:
        return f"write `{written_choice(list(map(literal, words)))}`"
    return f"for one fixed value write `{written_choice([text])}`"


def _of_mapping(value: Mapping[Any, Any], name: str) -> tuple[str, str | None]:
    message = f"`{name}` is a mapping that is no domain"
    for type_, keys in _TELLING.items():
        if any(key in value for key in keys):
            return message, f"it lacks its type: `{TYPE}: {type_}`"
    near = did_you_mean(str(next(iter(value), "")), [CHOICE, TYPE])
    if len(value) == 1 and near and near.startswith("did you mean"):
        return message, near
    if value and all(isinstance(inner, Mapping | None) for inner in value.values()):
        return message, f"branches stand under a key: `{CHOICE}: {{{next(iter(value))}: …}}`"
    return message, f"a nested choice is a mapping with the key `{CHOICE}`"


_TELLING = {
    "choice": ("values", "choices"),
    "normal": ("mean", "std", "mu", "sigma"),
    "uniform": ("low", "high", "min", "max"),
}
"""Keys that tell the type of a table."""


def _of_list(value: list[Any], seat: ParameterSlot) -> str:
    if seat.scope and seat.path[-1] in ("constraints", "start"):
        return f"`{seat.path[-1]}` stands at the top of the space, outside of branches"
    return f"write `{written_choice(value)}`"

"""Draft a section: a mapping of names to values, each in any spelling.

Say of a value that is no domain how one like it is written.
"""

from collections.abc import Mapping
from functools import partial
from math import isfinite
from typing import Any

from sweepwright.diagnostics import Code, did_you_mean
from sweepwright.space import Categorical

from ..spans import dotted
from ..stages import invalid_paths
from .nni.dialect import NniDialect, is_spec
from .nni.spec import draft_spec
from .syntax.call_form import literal, looks_like_call, parse_parameter
from .syntax.choices import format_choice
from .syntax.drafts import Drafts, ParameterSlot, Section
from .syntax.expression_text import FUNCTIONS, find_when, is_fixed, is_formula
from .syntax.nested import CHOICE, draft_nested
from .syntax.nodes import CallError, Text, format_value
from .syntax.parameters import add_parameter
from .syntax.table_form import TYPE, draft_table


def draft_section(drafts: Drafts, tree: Mapping[str, Any], section: Section) -> None:
    """Draft all that a section holds, in its order."""
    split = False
    for key, value in tree.items():
        if split and value is None:
            # Inside braces YAML tore a call at its commas; the call itself is reported.
            split = not str(key).endswith(")")
            continue
        split = isinstance(value, str) and value.count("(") > value.count(")")
        if drafts.check_name(key, (*section.at, key)):
            slot = section.slot(key)
            drafts.seen_names.add(slot.name)
            _draft(value, slot, drafts)


def _draft(value: Any, slot: ParameterSlot, drafts: Drafts) -> None:
    """Draft a value by what it looks like."""
    match value:
        case int() | float() if isinstance(value, int) or isfinite(value):
            drafts.add(slot, Categorical((value,)))
        case str():
            _draft_text(Text(value, partial(drafts.spans.value, slot.at)), slot, drafts)
        case Mapping() if CHOICE in value and TYPE not in value:
            sound = _without_invalid(value, drafts)
            draft_nested(sound, slot, drafts, partial(draft_section, drafts))
        case _ if any(True for _ in invalid_paths(value)):
            drafts.complete = False
        case Mapping() if is_spec(value):
            draft_spec(value, slot, drafts, NniDialect())
        case Mapping() if TYPE in value:
            draft_table(value, slot, drafts)
        case _:
            _report_unrecognized(value, slot, drafts)


def _draft_text(text: Text, slot: ParameterSlot, drafts: Drafts) -> None:
    call = looks_like_call(text.text)
    if call and call[1] not in FUNCTIONS:
        _draft_call(text, slot, drafts)
        return
    when = find_when(text.text)
    head = text.text[: when.start()] if when else text.text
    condition = text.expr_source(when.end(), slot.scope) if when else None
    if when and condition and not condition.text:
        span = text.node(when.start(), len("when")).span
        drafts.error(Code.BAD_ARGUMENTS, "nothing stands after `when`", span)
    elif is_formula(head):
        drafts.derive(slot, text.expr_source(0, slot.scope, len(head)), condition)
    elif condition and is_fixed(head.strip()):
        drafts.add(slot, Categorical((literal(head.strip()),)), None, condition)
    else:
        _report_unrecognized(head.strip(), slot, drafts)


def _draft_call(text: Text, slot: ParameterSlot, drafts: Drafts) -> None:
    try:
        expr = parse_parameter(text, slot.scope)
    except CallError as error:
        drafts.report_fault(error.fault, slot)
        return
    add_parameter(expr, slot, drafts)


def _without_invalid(value: Mapping[str, Any], drafts: Drafts) -> Mapping[str, Any]:
    """Leave out what is at fault beside the branches of a nested choice."""
    faulty = [
        key for key in value if key != CHOICE and any(True for _ in invalid_paths(value[key]))
    ]
    drafts.complete &= not faulty
    return {key: inner for key, inner in value.items() if key not in faulty}


def _report_unrecognized(value: Any, slot: ParameterSlot, drafts: Drafts) -> None:
    """Report a value that is no domain."""
    message, suggestion = _describe_unrecognized(value, slot)
    drafts.report_not_a_domain(message, slot.at, suggestion)


def _describe_unrecognized(value: Any, slot: ParameterSlot) -> tuple[str, str | None]:
    name = slot.name
    match value:
        case None:
            return f"`{name}` has no domain", f"to leave it out, give `~{dotted(slot.at)}`"
        case str():
            return f"`{format_value(value)}` is no domain", _of_text(value)
        case Mapping():
            return _of_mapping(value, name)
        case list():
            return f"`{name}` is a list, which is no domain", _of_list(value, slot)
    return f"`{name}` is {value}, which is no domain", None


def _of_text(text: str) -> str:
    if not isinstance(literal(text), str):
        return f"for one fixed value write `{text}`, without quotes"
    words = [argument_name.strip() for argument_name in text.split(",")]
    if len(words) > 1 and all(words) and "(" not in text:
        return f"write `{format_choice(list(map(literal, words)))}`"
    return f"for one fixed value write `{format_choice([text])}`"


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


def _of_list(value: list[Any], slot: ParameterSlot) -> str:
    if slot.scope and slot.path[-1] in ("constraints", "start"):
        return f"`{slot.path[-1]}` stands at the top of the space, outside of branches"
    return f"write `{format_choice(value)}`"

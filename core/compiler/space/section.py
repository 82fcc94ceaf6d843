"""Draft the parameters of a section: a mapping of names to values in any notation.

The form of a value determines its notation:

- text is the call form or the formula of a derived value;
- a mapping with the key `type` is a table;
- a mapping with the key `choice` is a nested choice;
- a mapping with the key `_type` is in NNI's notation;
- a number is a constant.

Any other value is reported, with a suggestion of how to write it as a domain.
"""

import re
from collections.abc import Mapping
from functools import partial
from math import isfinite
from typing import Any

from sweepwright.diagnostics import Code, name_help
from sweepwright.space import Categorical

from ..error_recovery import contains_invalid
from ..spans import dotted
from .nni.dialect import NniDialect, is_spec
from .nni.spec import draft_spec
from .syntax.call_form import DOMAINS, literal, looks_like_call, parse_parameter
from .syntax.choices import format_choice
from .syntax.drafts import Drafts, ParameterSlot, Section
from .syntax.expression_text import FUNCTIONS, find_when, is_fixed, is_formula
from .syntax.nested import CHOICE, draft_nested
from .syntax.nodes import CallError, Text, format_value
from .syntax.parameters import add_parameter
from .syntax.table_form import TYPE, draft_table


def draft_section(drafts: Drafts, tree: Mapping[str, Any], section: Section) -> None:
    """Draft every parameter of a section, in the order of the section."""
    split = False
    for key, value in tree.items():
        if split and value is None:
            # Inside braces YAML splits `a(1, 2)` at the comma, into a value `a(1` and a key `2)`
            # without a value. The fault is reported for `a(1`, so skip the key `2)`.
            split = not str(key).endswith(")")
            continue
        split = isinstance(value, str) and value.count("(") > value.count(")")
        if drafts.check_name(key, (*section.at, key)):
            slot = section.slot(key)
            drafts.seen_names.add(slot.name)
            _draft(value, slot, drafts)


def _draft(value: Any, slot: ParameterSlot, drafts: Drafts) -> None:
    """Draft a value in the notation that its form determines."""
    match value:
        case int() | float() if isinstance(value, int) or isfinite(value):
            drafts.add(slot, Categorical((value,)))
        case str():
            _draft_text(Text(value, partial(drafts.spans.value, slot.at)), slot, drafts)
        # A nested choice comes before the test for invalid values, so that an invalid value in one
        # branch does not keep the other branches from being checked.
        case Mapping() if CHOICE in value and TYPE not in value:
            sound = _without_invalid(value, drafts)
            draft_nested(sound, slot, drafts, partial(draft_section, drafts))
        case _ if contains_invalid(value):
            drafts.complete = False
        case Mapping() if is_spec(value):
            draft_spec(value, slot, drafts, NniDialect())
        case Mapping() if TYPE in value:
            draft_table(value, slot, drafts)
        case _:
            _report_unrecognized(value, slot, drafts)


def _draft_text(text: Text, slot: ParameterSlot, drafts: Drafts) -> None:
    call = looks_like_call(text.text)
    # `min(a, b)` looks like a call of a domain, but is a formula.
    if call and call[1] not in FUNCTIONS:
        _draft_call(text, slot, drafts)
        return
    when = find_when(text.text)
    head = text.text[: when.start()] if when else text.text
    condition = text.expr_source(when.end(), slot.scope) if when else None
    if when and condition and not condition.text:
        span = text.node(when.start(), len("when")).span
        drafts.error(Code.BAD_ARGUMENTS, "expected a condition after `when`", span)
    elif is_formula(head):
        drafts.derive(slot, text.expr_source(0, slot.scope, len(head)), condition)
    # YAML reads `5` as a number, but `5 when fast` as text.
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
    """Remove the keys with invalid values from a nested choice, but keep its branches."""
    faulty = [key for key in value if key != CHOICE and contains_invalid(value[key])]
    drafts.complete &= not faulty
    return {key: inner for key, inner in value.items() if key not in faulty}


def _report_unrecognized(value: Any, slot: ParameterSlot, drafts: Drafts) -> None:
    """Report a value that is not a domain, with a suggestion."""
    message, suggestion = _describe_unrecognized(value, slot)
    drafts.report_not_a_domain(message, slot.at, suggestion)


def _describe_unrecognized(value: Any, slot: ParameterSlot) -> tuple[str, str | None]:
    name = slot.name
    match value:
        case None:
            return f"`{name}` has no domain", f"to remove the parameter, give `~{dotted(slot.at)}`"
        case str():
            return f"`{format_value(value)}` is not a domain", _suggest_for_text(value)
        case Mapping():
            return _describe_mapping(value, name)
        case list():
            return f"`{name}` is a list, which is not a domain", _suggest_for_list(value, slot)
    return f"`{name}` is {value}, which is not a domain", None


def _suggest_for_text(text: str) -> str:
    # A text that looks like a number was in quotes.
    if not isinstance(literal(text), str):
        return f"for one fixed value write `{text}`, without quotes"
    if (indexed := _INDEXED.fullmatch(text)) and indexed[1] in DOMAINS:
        return f"write `{indexed[1]}({indexed[2]})`"
    if _DOTTED_CALL.match(text):
        return "write a domain, such as `uniform(low, high)`, `int(low, high)` or `choice(a, b)`"
    words = [word.strip() for word in text.split(",")]
    if len(words) > 1 and all(words) and "(" not in text:
        return f"write `{format_choice(list(map(literal, words)))}`"
    return f"for one fixed value write `{format_choice([text])}`"


_INDEXED = re.compile(r"(\w+)\[(.*)\]")
_DOTTED_CALL = re.compile(r"[A-Za-z_]\w*(?:\.\w+)+\s*\(")
"""Matches calls of other libraries, such as ``trial.suggest_float`` and ``tune.uniform``."""


def _describe_mapping(value: Mapping[Any, Any], name: str) -> tuple[str, str | None]:
    message = f"`{name}` is a mapping, but not a domain"
    # Look at `distribution` before the other keys: a suggestion from `min` and `max` alone would
    # lose the scale of the distribution.
    if "distribution" in value:
        here = _WANDB_TYPES.get(str(value["distribution"]))
        return message, f"write `{TYPE}: {here}` instead of `distribution`" if here else None
    for type_, keys in _KEYS_OF_TYPES.items():
        if any(key in value for key in keys):
            return message, f"add the type: `{TYPE}: {type_}`"
    near = name_help(str(next(iter(value), "")), [CHOICE, TYPE])
    if len(value) == 1 and near and near.is_near:
        return message, near.text
    if value and all(isinstance(inner, Mapping | None) for inner in value.values()):
        return (
            message,
            f"put branches under the key `{CHOICE}`: `{CHOICE}: {{{next(iter(value))}: …}}`",
        )
    return message, f"a nested choice is a mapping with the key `{CHOICE}`"


_WANDB_TYPES = {
    "uniform": "uniform",
    "log_uniform_values": "loguniform",
    "int_uniform": "int",
    "normal": "normal",
    "log_normal": "lognormal",
    "categorical": "choice",
}
"""Mapping from a ``distribution`` of Weights & Biases to the domain with the same arguments."""

_KEYS_OF_TYPES = {
    "choice": ("values", "choices"),
    "normal": ("mean", "std", "mu", "sigma"),
    "uniform": ("low", "high", "min", "max"),
}
"""Mapping from a type to the keys that suggest this type for a table that lacks the key `type`."""


def _suggest_for_list(value: list[Any], slot: ParameterSlot) -> str:
    if slot.scope and slot.path[-1] in ("constraints", "start"):
        return f"move `{slot.path[-1]}` to the top level of the space"
    return f"write `{format_choice(value)}`"

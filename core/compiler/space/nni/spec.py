"""Draft parameters in NNI's notation, such as ``{_type: quniform, _value: [0, 10, 2.5]}``.

Before: ``{_type: choice, _value: [{_name: Empty}, {_name: Conv, size: {_type: …, _value: …}}]}``.
After: the same drafts as for ``{choice: {Empty: {}, Conv: {size: …}}}``.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from sweepwright.diagnostics import did_you_mean

from ..syntax.drafts import Drafts, ParameterSlot, Section
from ..syntax.nodes import format_value
from .choices import draft_choice
from .dialect import NniDialect, is_spec, report_nni_error
from .ranges import RANGES, draft_range

_TYPES = ["choice", "randint", *RANGES]
_OF_ARCHITECTURES = ("mutable_layer", "layer_choice", "input_choice")
"""Types of NNI's architecture search, which is not supported."""


def draft_specs(
    tree: Mapping[str, Any], section: Section, drafts: Drafts, dialect: NniDialect
) -> None:
    """Draft the parameter of every spec in a section."""
    for key, spec in tree.items():
        at = (*section.at, key)
        if drafts.check_name(key, at):
            draft_spec(spec, section.slot(key), drafts, dialect)


def draft_spec(spec: Any, slot: ParameterSlot, drafts: Drafts, dialect: NniDialect) -> None:
    """Draft the parameter of a spec, and the parameters in its branches."""
    drafts.seen_names.add(slot.name)
    if not is_spec(spec):
        message = f"`{slot.name}` must be a mapping with `_type` and `_value`"
        suggestion = "write `{_type: choice, _value: […]}`"
        report_nni_error(drafts, message, drafts.spans.value(slot.at), suggestion)
    elif _has_both_keys(spec, slot, drafts):
        _draft(spec["_type"], spec["_value"], slot, drafts, dialect)


def _draft(
    type_: Any, value: Any, slot: ParameterSlot, drafts: Drafts, dialect: NniDialect
) -> None:
    at = (*slot.at, "_value")
    if type_ not in _TYPES:
        span = drafts.spans.value((*slot.at, "_type"))
        report_nni_error(
            drafts, f"NNI has no type `{format_value(type_)}`", span, _instead(format_value(type_))
        )
    elif not isinstance(value, list):
        message = f"the `_value` of `{slot.name}` must be a list"
        report_nni_error(drafts, message, drafts.spans.value(at))
    elif type_ == "choice":
        # `choices` receives this function, since two modules cannot import each other.
        draft_choice(value, slot, drafts, dialect, partial(draft_spec, dialect=dialect))
    else:
        draft_range(type_, value, slot, drafts, dialect)


def _has_both_keys(spec: Mapping[str, Any], slot: ParameterSlot, drafts: Drafts) -> bool:
    """Tell whether a spec has `_type` and `_value`, and report missing and unknown keys."""
    missing = [key for key in ("_type", "_value") if key not in spec]
    unknown = [key for key in spec if key not in ("_type", "_value")]
    for key in unknown:
        message = f"unexpected key `{format_value(key)}` beside `_type` and `_value`"
        span = drafts.spans.key((*slot.at, key))
        report_nni_error(drafts, message, span, did_you_mean(format_value(key), missing))
    # If a key is unknown, it is most likely the missing key, misspelt.
    if missing and not unknown:
        message = f"`{slot.name}` needs a `{missing[0]}`"
        report_nni_error(drafts, message, drafts.spans.key(slot.at))
    return not missing


def _instead(type_: str) -> str | None:
    if type_ in _OF_ARCHITECTURES:
        return (
            "NNI uses this type in architecture search; write the layers as a `choice` of branches"
        )
    return "write `randint`" if type_ == "int" else did_you_mean(type_, _TYPES)

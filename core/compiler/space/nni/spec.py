"""NNI's spelling: ``{_type: quniform, _value: [0, 10, 2.5]}``, and branches with a ``_name``.

Before: ``{_type: choice, _value: [{_name: Empty}, {_name: Conv, size: {_type: …, _value: …}}]}``.
After: the drafts that ``{choice: {Empty: {}, Conv: {size: …}}}`` would give.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from sweepwright.diagnostics import did_you_mean

from ..syntax.drafts import Drafts, ParameterSlot, Section
from ..syntax.nodes import shown
from .choices import draft_choice
from .dialect import Reading, is_spec, refuse
from .ranges import RANGES, draft_range

_TYPES = ["choice", "randint", *RANGES]
_OF_ARCHITECTURES = ("mutable_layer", "layer_choice", "input_choice")
"""Types of NNI's architecture search."""


def draft_specs(
    tree: Mapping[str, Any], section: Section, drafts: Drafts, reading: Reading
) -> None:
    """Draft the specs of a whole space, or of one branch."""
    for key, spec in tree.items():
        at = (*section.at, key)
        if drafts.named_well(key, at):
            draft_spec(spec, section.seat(key), drafts, reading)


def draft_spec(spec: Any, seat: ParameterSlot, drafts: Drafts, reading: Reading) -> None:
    """Draft the parameter of a spec, with all that is in its branches."""
    drafts.named.add(seat.name)
    if not is_spec(spec):
        message = f"`{seat.name}` is no mapping with `_type` and `_value`"
        way_out = "write `{_type: choice, _value: […]}`"
        refuse(drafts, message, drafts.places.value(seat.at), way_out)
    elif _is_whole(spec, seat, drafts):
        _draft(spec["_type"], spec["_value"], seat, drafts, reading)


def _draft(type_: Any, value: Any, seat: ParameterSlot, drafts: Drafts, reading: Reading) -> None:
    at = (*seat.at, "_value")
    if type_ not in _TYPES:
        span = drafts.places.value((*seat.at, "_type"))
        refuse(drafts, f"NNI has no type `{shown(type_)}`", span, _instead(shown(type_)))
    elif not isinstance(value, list):
        message = f"the `_value` of `{seat.name}` is no list"
        refuse(drafts, message, drafts.places.value(at))
    elif type_ == "choice":
        draft_choice(value, seat, drafts, reading, partial(draft_spec, reading=reading))
    else:
        draft_range(type_, value, seat, drafts, reading)


def _is_whole(spec: Mapping[str, Any], seat: ParameterSlot, drafts: Drafts) -> bool:
    """Tell whether a spec has the two keys that it should have, and report it if not."""
    missing = [key for key in ("_type", "_value") if key not in spec]
    strangers = [key for key in spec if key not in ("_type", "_value")]
    for key in strangers:
        message = f"`{shown(key)}` means nothing beside `_type` and `_value`"
        span = drafts.places.key((*seat.at, key))
        refuse(drafts, message, span, did_you_mean(shown(key), missing))
    if missing and not strangers:
        message = f"`{seat.name}` lacks its `{missing[0]}`"
        refuse(drafts, message, drafts.places.key(seat.at))
    return not missing


def _instead(type_: str) -> str | None:
    if type_ in _OF_ARCHITECTURES:
        return "it is of NNI's architecture search; write the layers as a `choice` of branches"
    return "write `randint`" if type_ == "int" else did_you_mean(type_, _TYPES)

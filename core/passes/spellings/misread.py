"""Say of a value that is no domain how one like it is written."""

from collections.abc import Mapping
from typing import Any

from sweepwright.diagnostics import did_you_mean

from ...stages import dotted
from .call_form import literal
from .drafts import Drafts, Seat
from .make_choice import written_choice
from .nested import CHOICE
from .pieces import shown
from .tables import TYPE


def misread(value: Any, seat: Seat, drafts: Drafts) -> None:
    """Report a value that is no domain."""
    message, way_out = _reading(value, seat)
    drafts.misread(message, seat.at, way_out)


def _reading(value: Any, seat: Seat) -> tuple[str, str | None]:
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


def _of_list(value: list[Any], seat: Seat) -> str:
    if seat.scope and seat.path[-1] in ("constraints", "start"):
        return f"`{seat.path[-1]}` stands at the top of the space, outside of branches"
    return f"write `{written_choice(value)}`"

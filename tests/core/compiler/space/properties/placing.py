"""Puts something into a space that does not belong there, at any place where it could stand."""

from collections.abc import Callable
from typing import Any

from hypothesis import assume

from sweepwright.expressions import written_name
from tests.core.compiler.space.properties.drawn import Draw, perhaps, pick
from tests.core.compiler.space.properties.meant import (
    Leaf,
    ParameterSlot,
    Raw,
    Section,
    Space,
    ways_to_say,
)
from tests.core.compiler.space.properties.yaml_text import Said

NEW = "added"
"""The key of what is added."""
_TELLING = ("when", "constraints", "start", "nni", "_type", "_value", "type", "choice")
"""Keys with which a mapping, or what is below them, might mean something else."""


def put(
    draw: Draw, space: Space, value: Any, key: Any = None, section: Section | None = None
) -> None:
    """Put a value under a key, or anywhere: a parameter gives way that nothing is about."""
    section = section or pick(draw, list(space.sections()))
    replaceable = [seat for seat in space.order if _can_go(seat, section, space)]
    if key is None and replaceable and perhaps(draw):
        gone = pick(draw, replaceable)
        section.entries[section.entries.index(gone.entry)] = Raw(gone.entry.key, value)
    else:
        section.entries.append(Raw(NEW if key is None else key, value))
    space.start = []


def _can_go(seat: ParameterSlot, section: Section, space: Space) -> bool:
    here = seat.section is section and isinstance(seat.entry, Leaf)
    return (
        here and seat.entry.key not in _TELLING and seat.name not in {*space.named(), *space.kept}
    )


def given(
    draw: Draw, space: Space, suits: Callable[[ParameterSlot], bool], leaf: Leaf
) -> ParameterSlot:
    """Find a parameter that suits, or add the one that is given to the space."""
    found = [seat for seat in space.order if suits(seat)]
    if not found or not perhaps(draw):
        space.root.entries.append(leaf)
        space.order.append(ParameterSlot(leaf.key, leaf, space.root))
        space.start = []
        found = [space.order[-1]]
    seat = pick(draw, found)
    space.kept.add(seat.name)
    return seat


def hang(draw: Draw, space: Space, write: Callable[[Section], str]) -> None:
    """Put a condition into a space: of a parameter, of a choice, or of a branch."""
    section = pick(draw, list(space.sections()))
    said = write(section)
    shapes = [
        f"int(1, 8) when {said}",
        f"choice(relu, tanh) = tanh when {said}",
        {"type": "uniform", "low": 0, "high": 1, "when": Said(said)},
        {"choice": {"a": None, "b": {"x": 3}}, "when": Said(said)},
        {"choice": {"a": {"when": Said(said)}, "b": None}},
    ]
    put(draw, space, pick(draw, shapes), section=section)


def constrain(space: Space, *said: Any) -> None:
    """Add constraints, as they are written."""
    space.written["constraints"] = [Said(s) if isinstance(s, str) else s for s in said]
    space.start = []


def say(draw: Draw, space: Space, seat: ParameterSlot, section: Section) -> str:
    """Write the name of a parameter as one might in a section."""
    ways = ways_to_say(seat.name, section.scope, space.names)
    assume(ways)
    return written_name(pick(draw, ways))

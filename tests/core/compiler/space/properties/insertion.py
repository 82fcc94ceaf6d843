"""Insert an entry into a model, at any position at which it is allowed."""

from collections.abc import Callable
from typing import Any

from hypothesis import assume

from sweepwright.expressions import format_name
from tests.core.compiler.space.properties.model import (
    Leaf,
    ParameterSlot,
    Raw,
    Section,
    SpaceModel,
    valid_names,
)
from tests.core.compiler.space.properties.yaml_writer import ExpressionText
from tests.sweepwright.draws import Draw, chance, pick

NEW = "added"
"""The key of an inserted entry."""
_SPECIAL_KEYS = ("when", "constraints", "start", "nni", "_type", "_value", "type", "choice")
"""Keys that may change the meaning of their values, or of the keys next to them."""


def insert(
    draw: Draw, space: SpaceModel, value: Any, key: Any = None, section: Section | None = None
) -> None:
    """Insert a value under a key, or in place of a parameter that no expression refers to."""
    section = section or pick(draw, list(space.sections()))
    replaceable = [slot for slot in space.order if _is_replaceable(slot, section, space)]
    if key is None and replaceable and chance(draw):
        replaced = pick(draw, replaceable)
        section.entries[section.entries.index(replaced.entry)] = Raw(replaced.entry.key, value)
    else:
        section.entries.append(Raw(NEW if key is None else key, value))
    space.start = []


def _is_replaceable(slot: ParameterSlot, section: Section, space: SpaceModel) -> bool:
    here = slot.section is section and isinstance(slot.entry, Leaf)
    return (
        here
        and slot.entry.key not in _SPECIAL_KEYS
        and slot.name not in {*space.named(), *space.protected}
    )


def require_parameter(
    draw: Draw, space: SpaceModel, suits: Callable[[ParameterSlot], bool], leaf: Leaf
) -> ParameterSlot:
    """Return a parameter that satisfies `suits`; if there is none, add and return `leaf`."""
    found = [slot for slot in space.order if suits(slot)]
    if not found or not chance(draw):
        space.root.entries.append(leaf)
        space.order.append(ParameterSlot(leaf.key, leaf, space.root))
        space.start = []
        found = [space.order[-1]]
    slot = pick(draw, found)
    space.protected.add(slot.name)
    return slot


def insert_condition(draw: Draw, space: SpaceModel, write: Callable[[Section], str]) -> None:
    """Insert a condition into a space: of a parameter, of a choice, or of a branch."""
    section = pick(draw, list(space.sections()))
    text = write(section)
    shapes = [
        f"int(1, 8) when {text}",
        f"choice(relu, tanh) = tanh when {text}",
        {"type": "uniform", "low": 0, "high": 1, "when": ExpressionText(text)},
        {"choice": {"a": None, "b": {"x": 3}}, "when": ExpressionText(text)},
        {"choice": {"a": {"when": ExpressionText(text)}, "b": None}},
    ]
    insert(draw, space, pick(draw, shapes), section=section)


def add_constraints(space: SpaceModel, *texts: Any) -> None:
    """Add constraints to the text of the space."""
    space.raw_entries["constraints"] = [
        ExpressionText(s) if isinstance(s, str) else s for s in texts
    ]
    space.start = []


def name_in_scope(draw: Draw, space: SpaceModel, slot: ParameterSlot, section: Section) -> str:
    """Return a form of a parameter's name that can be used in a section."""
    ways = valid_names(slot.name, section.scope, space.names)
    assume(ways)
    return format_name(pick(draw, ways))

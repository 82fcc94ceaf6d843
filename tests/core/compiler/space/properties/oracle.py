"""The oracle: decide directly from a model whether one assignment is valid.

It shares no code with the compiler or `SearchSpace`, which the tests compare it with.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from sweepwright.domains import Categorical, Domain, Integer, Normal, Ordinal, Real
from sweepwright.space import NAME_KEY
from tests.core.compiler.space.properties.model import (
    Choice,
    DerivedValue,
    Leaf,
    ParameterSlot,
    Section,
    SpaceModel,
)
from tests.sweepwright.draws import Draw, pick
from tests.sweepwright.expressions.reference_evaluator import NULL, evaluate

Row = dict[str, Any]
"""Mapping from full names to values; an inactive or unknown value is absent or None."""


def assignment_faults(space: SpaceModel, assignment: Mapping[str, Any]) -> list[str]:
    """List the faults of an assignment that includes derived values."""
    row = row_of(space, assignment)
    found = list(_of_section(space.root, assignment, row))
    return found + [f"{expr} is false" for expr in violated_expressions(space, row)]


def violated_expressions(space: SpaceModel, row: Row) -> list[str]:
    """List the expressions that a row violates: constraints, and conditions of its branches."""
    found = [str(expr) for expr in space.constraints if evaluate(expr, row) is False]
    for slot in space.order:
        for branch in slot.entry.branches if isinstance(slot.entry, Choice) else ():
            needed = branch.condition if row.get(slot.name) == branch.name else None
            if needed is not None and evaluate(needed, row) is not True:
                found.append(str(needed))
    return found


def row_of(space: SpaceModel, assignment: Mapping[str, Any]) -> Row:
    """Collect the values of an assignment, and compute the derived values."""
    row: Row = {}
    for slot in space.order:
        if isinstance(slot.entry, DerivedValue):
            row[slot.name] = evaluate(slot.entry.expression, row)
        elif (value := _look_up(slot, assignment, row)) is not None:
            row[slot.name] = value
    return row


def _look_up(slot: ParameterSlot, assignment: Mapping[str, Any], row: Row) -> Any:
    """Look up the value of a parameter below its branches."""
    if slot.section.parent is not None and row.get(slot.section.parent) != slot.section.branch:
        return None
    found: Any = assignment
    for key in slot.section.scope.split(".")[:-1:2]:
        found = found.get(key, {})
    if slot.entry.key not in found:
        return None
    value = found[slot.entry.key]
    if isinstance(slot.entry, Choice):
        return value[NAME_KEY]
    return NULL if value is None else value


def _of_section(section: Section, tree: Mapping[str, Any], row: Row) -> Iterator[str]:
    expected = set() if section.scope == "" else {NAME_KEY}
    for entry in section.entries:
        assert isinstance(entry, Leaf | Choice | DerivedValue)
        name = f"{section.scope}{entry.key}"
        if entry.condition is not None and evaluate(entry.condition, row) is not True:
            continue
        if isinstance(entry, DerivedValue) and row[name] is None:
            continue
        expected.add(entry.key)
        if entry.key not in tree:
            yield f"{name} is missing"
        else:
            yield from _of_value(name, entry, tree[entry.key], row)
    yield from (f"{section.scope}{key} is one too many" for key in tree if key not in expected)


def _of_value(
    name: str, entry: Leaf | Choice | DerivedValue, value: Any, row: Row
) -> Iterator[str]:
    if isinstance(entry, Leaf):
        if not holds(entry.domain, value):
            yield f"{name} is {value!r}, outside of {entry.domain}"
    elif isinstance(entry, DerivedValue):
        if not _same(value, row[name]):
            yield f"{name} is {value!r}, not {row[name]!r}"
    else:
        branch = next(branch for branch in entry.branches if branch.name == value[NAME_KEY])
        yield from _of_section(branch.section, value, row)


def _same(one: Any, other: Any) -> bool:
    if isinstance(other, bool | str):
        return type(one) is type(other) and bool(one == other)
    other = None if other is NULL else other
    return one == other or math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)


def holds(domain: Domain, value: Any) -> bool:
    """Tell whether a value is in a domain, and has the type that trials must receive."""
    match domain:
        case Real(low, high, step=step, clip=clip):
            inside = isinstance(value, float) and low <= value <= high
            return inside and (_is_multiple(value, step) or (clip and value in (low, high)))
        case Integer(low, high, step=step):
            return type(value) is int and low <= value <= high and value % step == 0
        case Normal(log=log, step=step):
            sound = isinstance(value, float) and math.isfinite(value)
            return sound and _is_multiple(value, step) and not (log and value < 0)
        case Categorical(choices=choices) | Ordinal(choices):
            return any(type(value) is type(choice) and value == choice for choice in choices)
    raise AssertionError(domain)


def _is_multiple(value: float, step: float | None) -> bool:
    return step is None or math.isclose(value / step, round(value / step), abs_tol=1e-6)


def assignment(draw: Draw, space: SpaceModel) -> dict[str, Any]:
    """Draw an assignment without derived values, valid except that it may violate constraints."""
    row: Row = {}
    tree: dict[str, Any] = {}
    for slot in space.order:
        entry = slot.entry
        if isinstance(entry, DerivedValue):
            row[slot.name] = evaluate(entry.expression, row)
        elif is_active(slot, row) and isinstance(entry, Leaf):
            value = value_of(draw, entry.domain)
            row[slot.name] = NULL if value is None else value
            _below(tree, slot)[entry.key] = value
        elif is_active(slot, row) and isinstance(entry, Choice):
            row[slot.name] = pick(draw, _takeable(entry, row))
            _below(tree, slot)[entry.key] = {NAME_KEY: row[slot.name]}
    return tree


def is_active(slot: ParameterSlot, row: Row) -> bool:
    """Tell whether a parameter or derived value is active, given a row of the preceding values."""
    if slot.section.parent is not None and row.get(slot.section.parent) != slot.section.branch:
        return False
    return slot.entry.condition is None or evaluate(slot.entry.condition, row) is True


def _takeable(entry: Choice, row: Row) -> Sequence[str]:
    """List the branches that may be taken, or all branches if none may be taken."""
    free = [
        branch.name
        for branch in entry.branches
        if branch.condition is None or evaluate(branch.condition, row) is True
    ]
    return free or [branch.name for branch in entry.branches]


def _below(tree: dict[str, Any], slot: ParameterSlot) -> dict[str, Any]:
    for key in slot.section.scope.split(".")[:-1:2]:
        tree = tree[key]
    return tree


def value_of(draw: Draw, domain: Domain) -> Any:
    """Draw a value of a domain, as a trial receives it."""
    grid = domain.grid
    if isinstance(domain, Normal):
        away = pick(draw, [0.5, 0.0, -0.5, 1.5]) * domain.std
        near = math.exp(domain.mean + away) if domain.log else domain.mean + away
        return grid.nearest(near) if grid else near
    if grid is None:
        assert isinstance(domain, Real)
        share = pick(draw, [0.5, 0.0, 0.1, 0.75, 1.0])
        return min(domain.low + share * (domain.high - domain.low), domain.high)
    return domain.value(grid.value(draw(st.integers(grid.first, grid.last))))

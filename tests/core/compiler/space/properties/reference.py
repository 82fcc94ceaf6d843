"""The plainest reading of a space: what it says of one assignment, and how one is drawn."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from sweepwright.domains import Categorical, Domain, Integer, Normal, Ordinal, Real
from sweepwright.space import NAME_KEY
from tests.core.compiler.space.properties.drawn import Draw, pick
from tests.core.compiler.space.properties.meant import (
    Choice,
    Computed,
    Leaf,
    ParameterSlot,
    Section,
    Space,
)
from tests.sweepwright.expressions.trees import NULL, compute

Row = dict[str, Any]
"""Values by full name; what is not active, or not known, is absent or None."""


def complaints(space: Space, assignment: Mapping[str, Any]) -> list[str]:
    """List whatever is wrong with an assignment, derived values included."""
    row = row_of(space, assignment)
    found = list(_of_section(space.root, assignment, row))
    return found + [f"{said} is false" for said in broken(space, row)]


def broken(space: Space, row: Row) -> list[str]:
    """List what a row breaks: constraints, and conditions of the branches that it takes."""
    found = [str(said) for said in space.constraints if compute(said, row) is False]
    for seat in space.order:
        for branch in seat.entry.branches if isinstance(seat.entry, Choice) else ():
            needed = branch.condition if row.get(seat.name) == branch.name else None
            if needed is not None and compute(needed, row) is not True:
                found.append(str(needed))
    return found


def row_of(space: Space, assignment: Mapping[str, Any]) -> Row:
    """Collect the values of an assignment, and all that can be derived from them."""
    row: Row = {}
    for seat in space.order:
        if isinstance(seat.entry, Computed):
            row[seat.name] = compute(seat.entry.expression, row)
        elif (value := _look_up(seat, assignment, row)) is not None:
            row[seat.name] = value
    return row


def _look_up(seat: ParameterSlot, assignment: Mapping[str, Any], row: Row) -> Any:
    """Find the value of a parameter below the branches that it is in."""
    if seat.section.parent is not None and row.get(seat.section.parent) != seat.section.branch:
        return None
    found: Any = assignment
    for key in seat.section.scope.split(".")[:-1:2]:
        found = found.get(key, {})
    if seat.entry.key not in found:
        return None
    value = found[seat.entry.key]
    if isinstance(seat.entry, Choice):
        return value[NAME_KEY]
    return NULL if value is None else value


def _of_section(section: Section, tree: Mapping[str, Any], row: Row) -> Iterator[str]:
    expected = set() if section.scope == "" else {NAME_KEY}
    for entry in section.entries:
        assert isinstance(entry, Leaf | Choice | Computed)
        name = f"{section.scope}{entry.key}"
        if entry.condition is not None and compute(entry.condition, row) is not True:
            continue
        if isinstance(entry, Computed) and row[name] is None:
            continue
        expected.add(entry.key)
        if entry.key not in tree:
            yield f"{name} is missing"
        else:
            yield from _of_value(name, entry, tree[entry.key], row)
    yield from (f"{section.scope}{key} is one too many" for key in tree if key not in expected)


def _of_value(name: str, entry: Leaf | Choice | Computed, value: Any, row: Row) -> Iterator[str]:
    if isinstance(entry, Leaf):
        if not holds(entry.domain, value):
            yield f"{name} is {value!r}, outside of {entry.domain}"
    elif isinstance(entry, Computed):
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
    """Tell whether a domain has a value, of just the type that trials are promised."""
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


def assignment(draw: Draw, space: Space) -> dict[str, Any]:
    """Draw an assignment that is sound but for constraints, derived values aside."""
    row: Row = {}
    tree: dict[str, Any] = {}
    for seat in space.order:
        entry = seat.entry
        if isinstance(entry, Computed):
            row[seat.name] = compute(entry.expression, row)
        elif _is_active(seat, row) and isinstance(entry, Leaf):
            value = value_of(draw, entry.domain)
            row[seat.name] = NULL if value is None else value
            _below(tree, seat)[entry.key] = value
        elif _is_active(seat, row) and isinstance(entry, Choice):
            row[seat.name] = pick(draw, _takeable(entry, row))
            _below(tree, seat)[entry.key] = {NAME_KEY: row[seat.name]}
    return tree


def _is_active(seat: ParameterSlot, row: Row) -> bool:
    if seat.section.parent is not None and row.get(seat.section.parent) != seat.section.branch:
        return False
    return seat.entry.condition is None or compute(seat.entry.condition, row) is True


def _takeable(entry: Choice, row: Row) -> Sequence[str]:
    """List the branches that may be taken, all of them if none may."""
    free = [
        branch.name
        for branch in entry.branches
        if branch.condition is None or compute(branch.condition, row) is True
    ]
    return free or [branch.name for branch in entry.branches]


def _below(tree: dict[str, Any], seat: ParameterSlot) -> dict[str, Any]:
    for key in seat.section.scope.split(".")[:-1:2]:
        tree = tree[key]
    return tree


def value_of(draw: Draw, domain: Domain) -> Any:
    """Draw a value of a domain, as a trial would receive it."""
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

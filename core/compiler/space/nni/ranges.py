"""NNI's numbers: ranges, normal distributions, and their quantised forms."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import ceil
from typing import Any

from sweepwright.diagnostics import Code
from sweepwright.grid_levels import spread
from sweepwright.space import Real

from ..syntax.call_form import literal
from ..syntax.drafts import Drafts, ParameterSlot
from ..syntax.enter import enter
from ..syntax.nodes import (
    Call,
    CallError,
    Form,
    ParameterExpr,
    SourceNode,
    is_finite_number,
    piece_at,
    shown,
)
from .dialect import Reading, refuse

RANGES: Mapping[str, tuple[str, ...]] = {
    "uniform": ("low", "high"),
    "quniform": ("low", "high", "q"),
    "loguniform": ("low", "high"),
    "qloguniform": ("low", "high", "q"),
    "normal": ("mu", "sigma"),
    "qnormal": ("mu", "sigma", "q"),
    "lognormal": ("mu", "sigma"),
    "qlognormal": ("mu", "sigma", "q"),
}
"""Types of NNI's with what each lists in its `_value`; beside these there is `randint`."""


def draft_range(
    type_: str, value: Sequence[Any], seat: ParameterSlot, drafts: Drafts, reading: Reading
) -> None:
    """Draft the parameter of a spec that is no choice."""
    at = (*seat.at, "_value")
    pieces = piece_at(value, at, drafts.places).items
    names = _names(type_, reading)
    if len(pieces) != len(names):
        message = f"`{type_}` has `[{', '.join(names)}]`, and `{seat.name}` gives {len(pieces)}"
        way_out = _other_version(type_, pieces, reading)
        refuse(drafts, message, drafts.places.value(at), way_out)
        return
    numbers = [_is_number(*pair, drafts) for pair in zip(names, pieces, strict=True)]
    if all(numbers):
        name = piece_at(type_, (*seat.at, "_type"), drafts.places)
        _enter(name, pieces, seat, drafts, reading)


def _names(type_: str, reading: Reading) -> tuple[str, ...]:
    if type_ == "randint":
        return ("upper",) if reading.nni_v0_format else ("lower", "upper")
    return RANGES[type_]


def _other_version(type_: str, pieces: Sequence[SourceNode], reading: Reading) -> str | None:
    """Say how `randint` is written that has as many values as another version's."""
    if type_ != "randint" or not 1 <= len(pieces) <= 2:  # noqa: PLR2004 - the two versions
        return None
    if reading.nni_v0_format:
        return "before version 0.8 it began at 0; for `[lower, upper]` leave out `version: v0`"
    return f"write `[0, {shown(pieces[0].value)}]`, as was meant before version 0.8"


def _is_number(name: str, piece: SourceNode, drafts: Drafts) -> bool:
    value = piece.value
    if is_finite_number(value):
        return True
    meant = literal(value) if isinstance(value, str) else None
    way_out = None
    if isinstance(meant, int | float) and not isinstance(meant, bool):
        way_out = f"as text it is no number; write `{as_yaml(meant)}`"
    message = f"`{name}` is `{shown(value)}`, not a finite number"
    refuse(drafts, message, piece.span, way_out)
    return False


def as_yaml(number: float) -> str:
    """Write a number so that YAML 1.1 reads one: it wants a dot before an exponent."""
    digits, _, power = repr(number).partition("e")
    return f"{float(digits)}e{int(power):+d}" if power else digits


def _enter(
    name: SourceNode,
    pieces: Sequence[SourceNode],
    seat: ParameterSlot,
    drafts: Drafts,
    reading: Reading,
) -> None:
    try:
        call = _integers(name, pieces) if name.value == "randint" else _call(name, pieces)
        if reading.nni_v0_format and name.value in ("quniform", "qloguniform"):
            call = (_counted if reading.counts else _unclipped)(call)
    except CallError as error:
        drafts.tell(error.fault, seat)
    else:
        enter(ParameterExpr(call), seat, drafts)


def _call(name: SourceNode, pieces: Sequence[SourceNode]) -> Call:
    """Make the call of our own domain; a quantised range is clipped, a normal is not."""
    plain = name.value.removeprefix("q")
    keywords = {}
    if plain != name.value:
        keywords["step"] = (name, pieces[-1])
        if "normal" not in plain:
            keywords["clip"] = (name, replace(name, value=True))
    return Call(replace(name, value=plain), tuple(pieces[:2]), keywords, Form.NNI)


def _integers(name: SourceNode, pieces: Sequence[SourceNode]) -> Call:
    """Make the call of `int`, whose upper bound is included; both are rounded up, as in NNI."""
    lower = pieces[0] if len(pieces) > 1 else replace(name, value=0)
    first, beyond = ceil(lower.value), ceil(pieces[-1].value)
    if first >= beyond:
        way_out = "NNI's `randint` ends before `upper`"
        raise CallError("the domain is empty", pieces[-1], way_out, Code.EMPTY_DOMAIN)
    bounds = (replace(lower, value=first), replace(pieces[-1], value=beyond - 1))
    return Call(replace(name, value="int"), bounds, {}, Form.NNI)


def _unclipped(call: Call) -> Call:
    """Go from the multiple nearest to one bound to the one nearest to the other.

    The oldest NNI did not clip what it had rounded, so that it might leave the bounds.
    """
    low, high = (piece.value for piece in call.arguments)
    step = call.keywords["step"]
    if not (step[1].value > 0 and low <= high):
        return call  # at fault, and reported as that of any version
    grid = Real(low, high, step=step[1].value, clip=True).grid
    assert grid, "a domain with a step has a grid"
    if call.name.value == "loguniform" and low > 0 and not grid.first:
        message = "rounded to `q` the domain begins at 0, which has no logarithm"
        way_out = "begin above half of `q`"
        raise CallError(message, call.arguments[0], way_out, Code.LOG_OF_NONPOSITIVE)
    multiples = (grid.first * grid.step, grid.last * grid.step)
    bounds = zip(call.arguments, multiples, strict=True)
    arguments = tuple(replace(piece, value=float(multiple)) for piece, multiple in bounds)
    return replace(call, arguments=arguments, keywords={"step": step})


def _counted(call: Call) -> Call:
    """Go by `q` values from one bound to the other, as the oldest NNI's grid search did."""
    low, high = (piece.value for piece in call.arguments)
    _, q = call.keywords["step"]
    log = call.name.value == "loguniform"
    if low > high or (log and low <= 0):
        return call  # at fault, and reported as that of any version
    if q.value != int(q.value) or not _FEWEST <= q.value <= _MOST:
        message = f"`q` is `{shown(q.value)}`, not a number of values from {_FEWEST} to {_MOST:,}"
        raise CallError(message, q, _COUNTED, Code.BAD_NNI_SPACE)
    values = spread(Real(low, high, log), int(q.value)).choices
    pieces = tuple(replace(call.name, value=value) for value in values)
    return Call(replace(call.name, value="ordinal"), pieces, {}, Form.NNI)


_FEWEST, _MOST = 2, 100_000
_COUNTED = "the grid search of that version took it for that; for a step leave out `version: v0`"

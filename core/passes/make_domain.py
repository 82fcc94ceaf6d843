"""Make a domain of a call, finding fault with the smallest part of it that is at fault."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sweepwright.diagnostics import Code, did_you_mean
from sweepwright.domains import MAX_EXACT
from sweepwright.space import Categorical, Domain, Integer, Normal, Real

from .call_form import DOMAINS, Call, Piece


@dataclass(frozen=True, slots=True)
class DomainFault:
    """What is wrong with a call, and where in its text."""

    code: Code
    message: str
    start: int
    length: int
    label: str = ""
    help: str | None = None
    warning: bool = False


def make_domain(call: Call) -> tuple[Domain | None, list[DomainFault]]:
    """Make the domain; None when a fault is more than a warning."""
    name = call.name.value
    if name not in DOMAINS:
        message = f"no domain is called `{name}`"
        return None, [_fault(Code.UNKNOWN_DOMAIN, call.name, message, _nearest(name))]
    if name == "choice":
        return _choice(call)
    given, faults = _match(call, _SIGNATURES[name])
    if faults:
        return None, faults
    found = list(_range_faults(call, given))
    if any(not fault.warning for fault in found):
        return None, found
    return _MAKERS[name]({key: piece.value for key, piece in given.items()}), found


@dataclass(frozen=True, slots=True)
class _Slot:
    """A parameter of a domain: its name, and what its argument must be."""

    name: str
    wants: type
    required: bool = True


_BOUNDS = (_Slot("low", float), _Slot("high", float), _Slot("step", float, required=False))
_BELL = (_Slot("mean", float), _Slot("std", float), _Slot("step", float, required=False))
_SIGNATURES: Mapping[str, tuple[_Slot, ...]] = {
    "uniform": _BOUNDS,
    "loguniform": _BOUNDS,
    "int": (
        _Slot("low", int),
        _Slot("high", int),
        _Slot("log", bool, required=False),
        _Slot("step", int, required=False),
    ),
    "normal": _BELL,
    "lognormal": _BELL,
}
_MAKERS: Mapping[str, Callable[[Mapping[str, Any]], Domain]] = {
    "uniform": lambda given: _real(Real, given, "low", "high", log=False),
    "loguniform": lambda given: _real(Real, given, "low", "high", log=True),
    "int": lambda given: Integer(**given),
    "normal": lambda given: _real(Normal, given, "mean", "std", log=False),
    "lognormal": lambda given: _real(Normal, given, "mean", "std", log=True),
}
_WANTED = {float: "a finite number", int: "an integer", bool: "`true` or `false`"}
_WAYS = {
    "uniform": "uniform(low, high, step=…)",
    "loguniform": "loguniform(low, high, step=…)",
    "int": "int(low, high, log=…, step=…)",
    "normal": "normal(mean, std, step=…)",
    "lognormal": "lognormal(mean, std, step=…)",
}


def _real(
    kind: type[Real] | type[Normal], given: Mapping[str, Any], one: str, other: str, *, log: bool
) -> Domain:
    step = float(given["step"]) if "step" in given else None
    return kind(float(given[one]), float(given[other]), log, step)


def _nearest(name: str) -> str | None:
    # NNI writes a step as a prefix: quniform, qloguniform.
    return did_you_mean(name.removeprefix("q"), list(DOMAINS))


def _fault(
    code: Code, at: Piece, message: str, help_: str | None = None, label: str = ""
) -> DomainFault:
    return DomainFault(code, message, at.start, at.length, label, help_)


def _choice(call: Call) -> tuple[Domain | None, list[DomainFault]]:
    faults = [
        _fault(Code.BAD_ARGUMENTS, at, f"`choice` takes no `{name}`")
        for name, (at, _) in call.keywords.items()
    ]
    if not call.arguments and not faults:
        faults.append(_fault(Code.EMPTY_DOMAIN, call.name, "the choice is among nothing"))
    seen: set[tuple[bool, Any]] = set()
    for piece in call.arguments:
        # 1 and 1.0 are the same choice, 1 and true are not.
        key = (isinstance(piece.value, bool), piece.value)
        if key in seen:
            message = f"the choice `{_shown(piece.value)}` is given twice"
            faults.append(_fault(Code.DUPLICATE_CHOICE, piece, message))
        seen.add(key)
        if isinstance(piece.value, float) and not math.isfinite(piece.value):
            message = f"the choice `{piece.value}` is no finite number"
            faults.append(_fault(Code.BAD_ARGUMENTS, piece, message))
    choices = tuple(piece.value for piece in call.arguments)
    return (None if faults else Categorical(choices)), faults


def _match(call: Call, slots: tuple[_Slot, ...]) -> tuple[dict[str, Piece], list[DomainFault]]:
    """Match arguments to the parameters of a domain."""
    name = call.name.value
    way_out = f"write `{_WAYS[name]}`"
    faults = [
        _fault(Code.BAD_ARGUMENTS, piece, f"`{name}` takes no further argument", way_out)
        for piece in call.arguments[len(slots) :]
    ]
    given = {slot.name: piece for slot, piece in zip(slots, call.arguments, strict=False)}
    for key, (at, piece) in call.keywords.items():
        if key not in [slot.name for slot in slots]:
            near = did_you_mean(key, [slot.name for slot in slots])
            faults.append(_fault(Code.BAD_ARGUMENTS, at, f"`{name}` takes no `{key}`", near))
        elif key in given:
            faults.append(_fault(Code.BAD_ARGUMENTS, at, f"`{key}` is given twice"))
        else:
            given[key] = piece
    for slot in slots:
        if slot.name in given:
            faults += _type_faults(slot, given[slot.name])
        elif slot.required and not faults:
            message = f"`{name}` lacks `{slot.name}`"
            faults.append(_fault(Code.BAD_ARGUMENTS, call.name, message, way_out))
    return given, faults


def _type_faults(slot: _Slot, piece: Piece) -> Iterator[DomainFault]:
    value = piece.value
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if slot.wants is bool:
        fits = isinstance(value, bool)
    elif slot.wants is int:
        fits = number and isinstance(value, int) and abs(value) <= MAX_EXACT
    else:
        fits = number and abs(value) <= _LARGEST
    if not fits:
        whole = isinstance(value, float) and value.is_integer() and slot.wants is int
        way_out = f"write `{int(value)}`" if whole and abs(value) <= MAX_EXACT else None
        message = f"`{slot.name}` is `{_shown(value)}`, not {_WANTED[slot.wants]}"
        if number and isinstance(value, int) and slot.wants is not bool:
            message = f"`{slot.name}` is too large to be exact"
        yield _fault(Code.BAD_ARGUMENTS, piece, message, way_out)


_LARGEST = 1e300
"""Beyond this, the width of a domain is no float."""


def _range_faults(call: Call, given: Mapping[str, Piece]) -> Iterator[DomainFault]:
    """Find what is wrong with arguments that are all of the right type."""
    name = call.name.value
    log = name == "loguniform" or (name == "int" and "log" in given and given["log"].value)
    if "std" in given and given["std"].value <= 0:
        yield _fault(Code.BAD_ARGUMENTS, given["std"], "`std` is not above 0")
    step = given.get("step")
    if step and step.value <= 0:
        yield _fault(Code.BAD_STEP, step, "`step` is not above 0")
    if "low" in given:
        yield from _bound_faults(given["low"], given["high"], step, log=bool(log))


def _bound_faults(
    low: Piece, high: Piece, step: Piece | None, *, log: bool
) -> Iterator[DomainFault]:
    if low.value > high.value:
        way_out = "put the smaller bound first"
        message = "the domain is empty"
        yield _fault(Code.EMPTY_DOMAIN, low, message, way_out, "above `high`")
    elif log and low.value <= 0:
        message = "a logarithmic domain must begin above 0"
        yield _fault(Code.LOG_OF_NONPOSITIVE, low, message, "begin at a small number above 0")
    elif step and step.value > 0:
        yield from _step_faults(low, high, step)


def _step_faults(low: Piece, high: Piece, step: Piece) -> Iterator[DomainFault]:
    grid = Real(low.value, high.value, step=step.value).grid
    assert grid, "a domain with a step has a grid"
    if grid.first > grid.last:
        message = f"no multiple of `{step.value:g}` lies in the domain"
        yield _fault(Code.BAD_STEP, step, message)
    elif max(abs(grid.first), abs(grid.last)) > MAX_EXACT:
        yield _fault(Code.BAD_STEP, step, "`step` is too fine to be exact")
    elif grid.value(grid.first) != low.value:
        message = f"`low` is no multiple of `step`: the values are {_multiples(grid)}"
        yield DomainFault(Code.BAD_STEP, message, low.start, low.length, warning=True)


def _multiples(grid: Any) -> str:
    count = grid.last - grid.first + 1
    values = [f"{grid.value(index):g}" for index in range(grid.first, grid.first + min(count, 2))]
    return ", ".join([*values, f"… {grid.value(grid.last):g}"] if count > 2 else values)  # noqa: PLR2004 - two show the step


def _shown(value: Any) -> str:
    words = {True: "true", False: "false", None: "null"}
    return words[value] if value is None or isinstance(value, bool) else str(value)

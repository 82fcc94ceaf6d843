"""Checks plain data against an option dataclass, and converts the data to an instance.

`check_options` lists every fault. `build_options` assumes that the data has no fault. Both
recursively compare a type with a value, case by case.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, is_dataclass
from enum import Enum
from math import isfinite
from typing import Any, Literal, TypeAlias, TypeVar, get_args, get_origin, get_type_hints

from sweepwright.diagnostics import did_you_mean, name_help

from .option_types import (
    INVALID,
    LISTS,
    choices_of,
    item_hints,
    option_entries,
    shape_of,
    value_hint,
    words_of,
)

T = TypeVar("T")
Path: TypeAlias = tuple[str | int, ...]

ABSENT = "???"
"""OmegaConf's mark for a mandatory value that is still missing."""


@dataclass(frozen=True, slots=True)
class OptionFault:
    """A fault in the value of an option."""

    path: Path
    """Keys and indices that lead from the options to the faulty value."""
    unknown: bool
    """Whether the option itself is unknown, rather than its value wrong or missing."""
    message: str
    help: str | None = None
    is_near: bool = False
    """Whether the help suggests an option whose name is spelled similarly."""


def check_options(options: type[Any], values: Mapping[str, Any]) -> list[OptionFault]:
    """List every unknown option, every value of a wrong type and every missing value.

    `INVALID` is no fault, wherever it stands.
    """
    return list(_dataclass_faults(options, values, ()))


def build_options(options: type[T], values: Mapping[str, Any]) -> T:
    """Build an option dataclass from values in which `check_options` finds no fault."""
    hints = get_type_hints(options)
    return options(**{name: _built(hints[name], value) for name, value in values.items()})


def option_defaults(options: type[Any]) -> dict[str, Any]:
    """Return the default of each option as plain data; ``???`` for an option without a default."""
    hints = get_type_hints(options)
    return {entry.name: _default(entry, hints[entry.name]) for entry in option_entries(options)}


def deprecated_options(hint: Any, values: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Find deprecated options among the given values, each with advice on what to use instead."""
    match shape_of(hint), values:
        case "options", Mapping():
            hints = get_type_hints(hint)
            for entry in option_entries(hint):
                if entry.name in values:
                    below = (*path, entry.name)
                    if instead := entry.metadata.get("deprecated"):
                        yield below, instead
                    yield from deprecated_options(hints[entry.name], values[entry.name], below)
        case "mapping", Mapping():
            for key, value in values.items():
                yield from deprecated_options(value_hint(hint), value, (*path, key))
        case "union", _:
            for inner in get_args(hint):
                yield from deprecated_options(inner, values, path)


def plain_options(options: object) -> dict[str, Any]:
    """Convert options to plain data; the inverse of `build_options`."""
    written: dict[str, Any] = _plain(options)
    return written


def show(value: Any) -> str:
    """Format a value as a user would write it. A long value is shortened."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


_LONGEST = 60


def _dataclass_faults(options: type[Any], values: Any, path: Path) -> Iterator[OptionFault]:
    if not isinstance(values, Mapping):
        yield _wrong(path, values, options)
        return
    hints = get_type_hints(options)
    entries = {entry.name: entry for entry in option_entries(options)}
    for key, value in values.items():
        if value is INVALID:
            continue
        if key not in entries:
            yield _unknown(options, (*path, key), list(entries))
        elif value != ABSENT:
            yield from _faults(hints[key], value, (*path, key))
    for name, entry in entries.items():
        # A configuration may write `???` for an option with a default, to make users choose a
        # value.
        if values.get(name, ABSENT) == ABSENT and (name in values or _required(entry)):
            yield _missing((*path, name), hints[name])


def _faults(hint: Any, value: Any, path: Path) -> Iterable[OptionFault]:
    """List the faults of a value that should have a certain type, at any depth."""
    if value is INVALID:
        return []
    match shape_of(hint):
        case "union":
            return _union_faults(hint, value, path)
        case "list" if _is_list(value):
            pairs = zip(item_hints(hint, len(value)), value, strict=False)
            deeper = (_faults(of, item, (*path, i)) for i, (of, item) in enumerate(pairs))
            return [*_length_faults(hint, value, path), *(f for found in deeper for f in found)]
        case "mapping" if isinstance(value, Mapping):
            of = value_hint(hint)
            return [f for key, item in value.items() for f in _faults(of, item, (*path, key))]
        case "options":
            return _dataclass_faults(hint, value, path)
        case "any" | "choice" | "scalar" if _fits(hint, value):
            return []
    return [_wrong(path, value, hint)]


def _union_faults(union: Any, value: Any, path: Path) -> list[OptionFault]:
    """List the faults of a value that may have any of several types.

    If the value fits one of the types, it has no fault. Otherwise, choose the type that the user
    probably meant, and report the value's faults for this type. This is the type whose shape the
    value has and for which the value has the smallest number of faults inside.
    """
    found = [list(_faults(hint, value, path)) for hint in get_args(union)]
    if not all(found):
        return []
    inside = [faults for faults in found if all(len(fault.path) > len(path) for fault in faults)]
    return min(inside, key=len) if inside else [_wrong(path, value, union)]


def _length_faults(hint: Any, value: Sequence[Any], path: Path) -> list[OptionFault]:
    arguments = get_args(hint)
    fixed = get_origin(hint) is tuple and Ellipsis not in arguments
    if not fixed or len(value) == len(arguments):
        return []
    message = f"{_name(path)} has {len(value)} entries, not {len(arguments)}"
    return [OptionFault(path, unknown=False, message=message)]


def _fits(hint: Any, value: Any) -> bool:
    match shape_of(hint):
        case "any":
            return _is_json(value)
        case "choice":
            return any(_same(value, choice) for choice in choices_of(hint))
    # A boolean is an `int` in Python.
    if isinstance(value, bool):
        return hint is bool
    if hint is float:
        return isinstance(value, int | float) and isfinite(value)
    return isinstance(value, hint)


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False, default=_omit_invalid)
    except (TypeError, ValueError):
        return False
    return True


def _omit_invalid(value: Any) -> None:
    if value is not INVALID:
        raise TypeError


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _same(value: Any, choice: Any) -> bool:
    # In Python, True equals 1. In a configuration, `true` must not select the choice 1.
    return bool(value == choice) and isinstance(value, bool) == isinstance(choice, bool)


def _built(hint: Any, value: Any) -> Any:
    match shape_of(hint):
        case "union":
            return _built(_alternative(get_args(hint), value), value)
        case "list" if _is_list(value):
            hints = item_hints(hint, len(value))
            items = [_built(of, item) for of, item in zip(hints, value, strict=True)]
            return LISTS[get_origin(hint) or hint](items)
        case "mapping":
            return {key: _built(value_hint(hint), item) for key, item in value.items()}
        case "options":
            return build_options(hint, value)
        case "choice" if get_origin(hint) is not Literal:
            return hint(value)
    # YAML reads `1` as an integer.
    return float(value) if hint is float else value


def _alternative(hints: Sequence[Any], value: Any) -> Any:
    """Choose a value's type from a union: its exact type if listed, or the first that fits."""
    # The exact type comes first, so that 3 remains an integer in `float | int`.
    exact = [hint for hint in hints if hint is type(value)]
    return next(hint for hint in [*exact, *hints] if not list(_faults(hint, value, ())))


def _required(entry: Field[Any]) -> bool:
    return entry.default is MISSING and entry.default_factory is MISSING


def _default(entry: Field[Any], hint: Any) -> Any:
    if entry.default is not MISSING:
        return _plain(entry.default)
    if entry.default_factory is not MISSING:
        return _plain(entry.default_factory())
    return option_defaults(hint) if shape_of(hint) == "options" else ABSENT


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {
            entry.name: _plain(getattr(value, entry.name)) for entry in option_entries(type(value))
        }
    match value:
        case Enum():
            return value.value
        case Mapping():
            return {key: _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case frozenset():
            # The iteration order of a set of strings differs between processes.
            return sorted(map(_plain, value), key=repr)
    return value


def _unknown(options: type[Any], path: Path, known: list[str]) -> OptionFault:
    message = f"{_name(path)} is not an option of {options.__name__}"
    near = name_help(str(path[-1]), known)
    if near is None:
        return OptionFault(path, unknown=True, message=message)
    return OptionFault(path, True, message, near.text, near.is_near)  # noqa: FBT003 - in the order of the fields


def _missing(path: Path, hint: Any) -> OptionFault:
    return OptionFault(path, False, f"{_name(path)} has no value", f"give it {words_of(hint)}")  # noqa: FBT003 - in the order of the fields


def _wrong(path: Path, value: Any, hint: Any) -> OptionFault:
    message = f"{_name(path)} is {show(value)}, not {words_of(hint)}"
    return OptionFault(path, unknown=False, message=message, help=_way_out(hint, value))


def _way_out(hint: Any, value: Any) -> str | None:
    match value:
        case float() if hint is int and value.is_integer():
            return f"write `{int(value)}`"
        case str() if shape_of(hint) == "choice":
            return did_you_mean(value, [str(choice) for choice in choices_of(hint)])
        case int() | float() if hint is str:
            quoted = f"'{value}'"
            return (
                f'put it in quotes: `{quoted}`, and on the command line in two pairs: `"{quoted}"`'
            )
        case str() if is_dataclass(hint) and isinstance(hint, type):
            needed = [entry.name for entry in option_entries(hint) if _required(entry)]
            return f"write a mapping, such as `{{{needed[0]}: {value}}}`" if needed else None
    return None


def _name(path: Path) -> str:
    """Format a path as a user would write it: ``layers[2].size``."""
    parts = (f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return f"`{''.join(parts).removeprefix('.')}`" if path else "the options"

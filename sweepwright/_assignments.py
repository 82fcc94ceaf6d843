"""Assignments, the nested dicts that trials receive, between rows of floats and back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .domains import Nested, Parameter

Floats: TypeAlias = NDArray[np.float64]
Path: TypeAlias = tuple[str, ...]

NAME_KEY = "_name"
"""Key under which a nested choice carries its branch's name."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """A value of an assignment that the space does not hold."""

    path: Path
    message: str


def compose(parameters: Sequence[Parameter], row: Sequence[float]) -> dict[str, Any]:
    """Make the assignment of a row, given as plain floats."""
    assignment: dict[str, Any] = {}
    for parameter, number in zip(parameters, row, strict=True):
        if number == number:  # noqa: PLR0124 - NaN marks an inactive parameter
            _place(assignment, parameter, parameter.domain.value(number))
    return assignment


def enter(
    parameters: Sequence[Parameter], assignment: Mapping[str, Any], row: Floats
) -> list[Misfit]:
    """Fill a row of NaN with an assignment's values; return what does not fit."""
    found: list[Misfit] = []
    known: set[Path] = set()
    numbers: dict[str, float | None] = {}
    for column, parameter in enumerate(parameters):
        if _is_active(parameter, numbers):
            value = _look_up(assignment, _full_path(parameter))
            number = numbers[parameter.name] = parameter.domain.number(value)
            known.add(parameter.path if number is None else _full_path(parameter))
            if number is None:
                found.append(Misfit(parameter.path, _complaint(assignment, parameter, value)))
            else:
                row[column] = number
    strangers = _strangers(assignment, (), known)
    return found + [Misfit(path, "is no parameter that is active here") for path in strangers]


def _place(assignment: dict[str, Any], parameter: Parameter, value: Any) -> None:
    folder = assignment
    for key in parameter.path[:-1]:
        folder = folder[key]
    nested = isinstance(parameter.domain, Nested)
    folder[parameter.path[-1]] = {NAME_KEY: value} if nested else value


def _is_active(parameter: Parameter, numbers: Mapping[str, float | None]) -> bool:
    when = parameter.when
    return when is None or numbers.get(when.parent) in when.choices


def _full_path(parameter: Parameter) -> Path:
    nested = isinstance(parameter.domain, Nested)
    return (*parameter.path, NAME_KEY) if nested else parameter.path


class _Absent:
    """Stands for a value that an assignment lacks."""


_ABSENT = _Absent()


def _look_up(assignment: Mapping[str, Any], path: Path) -> Any:
    found: Any = assignment
    for key in path:
        if not isinstance(found, Mapping) or key not in found:
            return _ABSENT
        found = found[key]
    return found


def _complaint(assignment: Mapping[str, Any], parameter: Parameter, value: Any) -> str:
    given = _look_up(assignment, parameter.path)
    if value is _ABSENT and given is not _ABSENT and not isinstance(given, Mapping):
        return f"is {given!r}, not a mapping with its branch under `{NAME_KEY}`"
    if value is _ABSENT:
        return f"is missing: {parameter.domain}"
    return f"is {value!r}, outside {parameter.domain}"


def _strangers(tree: Mapping[str, Any], path: Path, known: set[Path]) -> Iterator[Path]:
    """Walk down to every value that neither is a known one nor belongs to one."""
    for key, value in tree.items():
        below = (*path, str(key))
        if below in known:
            continue
        if isinstance(value, Mapping) and value:
            yield from _strangers(value, below, known)
        else:
            yield below

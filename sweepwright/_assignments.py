"""Assignments, one at a time: what in them does not fit a space, and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ._activity import Step
from ._layout import NAME_KEY, Path
from .domains import Nested
from .parameters import Parameter

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Misfit:
    """A value of an assignment that the space does not hold."""

    path: Path
    """Keys to it; empty for what is wrong with the assignment as a whole."""
    message: str


def enter(
    parameters: Sequence[Parameter],
    steps: Sequence[Step],
    derived: Sequence[Path],
    assignment: Mapping[str, Any],
    row: Floats,
    *,
    complete: bool = False,
) -> list[Misfit]:
    """Fill a row of NaN with an assignment's values; return what does not fit.

    To complete is to take the default of a parameter for a value that is missing.
    """
    found: list[Misfit] = []
    known: set[Path] = set(derived)
    conditions = {
        column: step for step in steps for column in range(step.columns.start, step.columns.stop)
    }
    for column, parameter in enumerate(parameters):
        step = conditions.get(column)
        if step is None or step.holds(row[None, :])[0]:
            value = _look_up(assignment, _full_path(parameter))
            if complete and value is _ABSENT and parameter.default is not None:
                value = parameter.default
            number = parameter.domain.number(value)
            known.add(parameter.path if number is None else _full_path(parameter))
            if number is None:
                found.append(Misfit(parameter.path, _complaint(assignment, parameter, value)))
            else:
                row[column] = number
    strangers = _strangers(assignment, (), known)
    return found + [Misfit(path, "is no parameter that is active here") for path in strangers]


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

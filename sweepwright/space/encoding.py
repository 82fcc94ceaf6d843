"""Encode assignments as rows of floats.

`Encoder` encodes whole columns, and returns without a result if an assignment has an unexpected
value. Then `encode_checked` goes through one assignment, parameter by parameter, and explains
every value that does not fit.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..domains import Categorical, Domain, Nested, Ordinal
from .activity import Step
from .layout import NAME_KEY, Item, Path, Section
from .parameters import Parameter

Floats: TypeAlias = NDArray[np.float64]
Rows: TypeAlias = NDArray[np.intp]


class Encoder:
    """Encodes assignments one column at a time, which is fast for many assignments."""

    def __init__(self, root: Section, parameters: Sequence[Parameter]) -> None:
        self._root = root
        self._domains = [parameter.domain for parameter in parameters]
        self._table = cache(lambda column: _table(self._domains[column]))

    def fill(self, assignments: Sequence[Mapping[str, Any]], matrix: Floats) -> bool:
        """Fill a matrix of NaN, shape (n, d); return False if an assignment is not as expected.

        An assignment is as expected if it has the right keys, if each of its choices is equal to a
        choice of the domain and has the same type, and if its other values are numbers. Bounds and
        steps are not checked.
        """
        try:
            self._section(self._root, assignments, np.arange(len(assignments)), matrix)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            return False
        return True

    def _section(
        self, section: Section, records: Sequence[Mapping[str, Any]], rows: Rows, matrix: Floats
    ) -> None:
        expected = np.full(len(rows), len(section.always) + (section.name is not None))
        for item in section.always:
            self._column(item, [record[item.key] for record in records], rows, matrix)
        for item in section.conditional:
            places = _having(records, item.key)
            given = [records[place][item.key] for place in places.tolist()]
            self._column(item, given, rows[places], matrix)
            expected[places] += 1
        for key, _ in section.derived:
            expected[_having(records, key)] += 1
        if not np.array_equal(expected, [*map(len, records)]):
            raise ValueError("an assignment has unknown keys")

    def _column(self, item: Item, values: list[Any], rows: Rows, matrix: Floats) -> None:
        if not values:
            return
        table = self._table(item.column)
        if item.branches:
            numbers = np.array([table[str, value[NAME_KEY]] for value in values])
            for index, section in enumerate(item.branches):
                places = np.flatnonzero(numbers == index)
                inside = [values[place] for place in places.tolist()]
                self._section(section, inside, rows[places], matrix)
        elif table:
            numbers = np.array([table[type(value), value] for value in values])
        else:
            numbers = _numbers(values)
        matrix[rows, item.column] = numbers


def _having(records: Sequence[Mapping[str, Any]], key: str) -> Rows:
    return np.flatnonzero([key in record for record in records])


def _table(domain: Domain) -> Mapping[tuple[type, Any], float]:
    """Map the type and value of each choice to its index; return an empty mapping for numbers."""
    match domain:
        case Categorical(choices=choices) | Ordinal(choices):
            return {(type(value), value): float(index) for index, value in enumerate(choices)}
        case Nested(branches):
            return {(str, name): float(index) for index, name in enumerate(branches)}
        case _:
            return {}


def _numbers(values: Sequence[Any]) -> Floats:
    if not set(map(type, values)) <= {int, float}:
        raise TypeError("a value is not a number")
    return np.array(values, dtype=float) + 0.0  # turns -0.0 into 0.0


class MisfitKind(Enum):
    """The reason why a value of an assignment does not fit a space."""

    UNKNOWN = "unknown"
    """No active parameter has the path of the value."""
    MISSING = "missing"
    OUTSIDE = "outside"
    """The domain of the parameter does not contain the value."""
    NOT_A_BRANCH = "not a branch"
    """The value of a nested choice is not a mapping with the name of a branch."""
    CONSTRAINT = "constraint"
    """The assignment as a whole violates a constraint."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """A value of an assignment that a space does not contain."""

    kind: MisfitKind
    path: Path
    """Keys that lead to the value; empty for a violated constraint."""
    message: str
    """What is wrong with the value, as a predicate such as ``is missing: int(1, 8)``."""


def encode_checked(
    parameters: Sequence[Parameter],
    steps: Sequence[Step],
    derived: Sequence[Path],
    assignment: Mapping[str, Any],
    row: Floats,
    *,
    complete: bool = False,
) -> list[Misfit]:
    """Fill a row of NaN with the values of an assignment, and return the values that do not fit.

    If `complete` is set, a missing value is replaced by the default of its parameter.
    """
    found: list[Misfit] = []
    known: set[Path] = set(derived)
    conditions = {
        column: step for step in steps for column in range(step.columns.start, step.columns.stop)
    }
    # Follow the order of the columns, since the activity of a parameter depends only on earlier
    # parameters.
    for column, parameter in enumerate(parameters):
        step = conditions.get(column)
        if step is None or step.holds(row[None, :])[0]:
            value = _look_up(assignment, _value_path(parameter))
            if complete and value is _ABSENT and parameter.default is not None:
                value = parameter.default
            number = parameter.domain.number(value)
            known.add(parameter.path if number is None else _value_path(parameter))
            if number is None:
                found.append(_misfit(assignment, parameter, value))
            else:
                row[column] = number
    return found + [
        Misfit(MisfitKind.UNKNOWN, path, "is not an active parameter here")
        for path in _unknown_paths(assignment, (), known)
    ]


def _value_path(parameter: Parameter) -> Path:
    nested = isinstance(parameter.domain, Nested)
    return (*parameter.path, NAME_KEY) if nested else parameter.path


class _Absent(Enum):
    VALUE = "absent"


_ABSENT = _Absent.VALUE
"""Represents a missing value of an assignment. None cannot do so, since null is a value."""


def _look_up(assignment: Mapping[str, Any], path: Path) -> Any:
    found: Any = assignment
    for key in path:
        if not isinstance(found, Mapping) or key not in found:
            return _ABSENT
        found = found[key]
    return found


def _misfit(assignment: Mapping[str, Any], parameter: Parameter, value: Any) -> Misfit:
    path, given = parameter.path, _look_up(assignment, parameter.path)
    if value is _ABSENT and given is not _ABSENT and not isinstance(given, Mapping):
        message = f"is {given!r}, not a mapping with its branch under `{NAME_KEY}`"
        return Misfit(MisfitKind.NOT_A_BRANCH, path, message)
    if value is _ABSENT:
        return Misfit(MisfitKind.MISSING, path, f"is missing: {parameter.domain}")
    return Misfit(MisfitKind.OUTSIDE, path, f"is {value!r}, outside {parameter.domain}")


def _unknown_paths(tree: Mapping[str, Any], path: Path, known: set[Path]) -> Iterator[Path]:
    """Yield the path of each value, unless the path or the beginning of the path is known."""
    for key, value in tree.items():
        below = (*path, str(key))
        if below in known:
            continue
        if isinstance(value, Mapping) and value:
            yield from _unknown_paths(value, below, known)
        else:
            yield below

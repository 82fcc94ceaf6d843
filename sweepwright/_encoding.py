"""Assignments to rows: a column at a time, for assignments that have the expected shape."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._layout import NAME_KEY, Item, Section
from .domains import Categorical, Domain, Nested, Ordinal
from .parameters import Parameter

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]


class Encoder:
    """Fills rows with the values of assignments."""

    def __init__(self, root: Section, parameters: Sequence[Parameter]) -> None:
        self._root = root
        self._domains = [parameter.domain for parameter in parameters]
        self._table = cache(lambda column: _table(self._domains[column]))

    def fill(self, assignments: Sequence[Mapping[str, Any]], matrix: Floats) -> bool:
        """Fill a matrix of NaN, shape (n, d); False when an assignment is not as expected.

        Neither bounds nor steps are looked at.
        """
        try:
            self._section(self._root, assignments, np.arange(len(assignments)), matrix)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            return False
        return True

    def _section(
        self, section: Section, records: Sequence[Mapping[str, Any]], rows: Rows, matrix: Floats
    ) -> None:
        known = np.full(len(rows), len(section.sure) + (section.name is not None))
        for item in section.sure:
            self._column(item, [record[item.key] for record in records], rows, matrix)
        for item in section.perhaps:
            places = _where(records, item.key)
            given = [records[place][item.key] for place in places.tolist()]
            self._column(item, given, rows[places], matrix)
            known[places] += 1
        for key, _ in section.derived:
            known[_where(records, key)] += 1
        if not np.array_equal(known, [*map(len, records)]):
            raise ValueError("an assignment has other keys than it should")

    def _column(self, item: Item, values: list[Any], rows: Rows, matrix: Floats) -> None:
        if not values:
            return
        table = self._table(item.column)
        if item.branches:
            numbers = np.array([table[str, value[NAME_KEY]] for value in values])
            for index, section in enumerate(item.branches):
                places = np.flatnonzero(numbers == index)
                below = [values[place] for place in places.tolist()]
                self._section(section, below, rows[places], matrix)
        elif table:
            numbers = np.array([table[type(value), value] for value in values])
        else:
            numbers = _numbers(values)
        matrix[rows, item.column] = numbers


def _where(records: Sequence[Mapping[str, Any]], key: str) -> Rows:
    return np.flatnonzero([key in record for record in records])


def _table(domain: Domain) -> Mapping[tuple[type, Any], float]:
    """Index the choices of a domain by type and value; numbers have no such table."""
    match domain:
        case Categorical(choices=choices) | Ordinal(choices):
            return {(type(value), value): float(index) for index, value in enumerate(choices)}
        case Nested(branches):
            return {(str, name): float(index) for index, name in enumerate(branches)}
        case _:
            return {}


def _numbers(values: Sequence[Any]) -> Floats:
    if not set(map(type, values)) <= {int, float}:
        raise TypeError("a value is no plain number")
    return np.array(values, dtype=float) + 0.0

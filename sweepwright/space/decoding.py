"""Decode rows into assignments, one column at a time, which is fast for many rows."""

from collections.abc import Sequence
from copy import deepcopy
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..domains import Categorical, Domain, Integer, Ordinal
from ..expressions import ABSENT
from .layout import NAME_KEY, Item, Section
from .parameters import Parameter

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]


def decode(
    root: Section,
    parameters: Sequence[Parameter],
    matrix: Floats,
    derived: Sequence[Sequence[Any]],
) -> list[dict[str, Any]]:
    """Convert each row to an assignment.

    Parameters
    ----------
    matrix : ndarray, shape (n, d)
        One row per assignment; the cells of inactive parameters are NaN.
    derived : sequence of sequences
        For each derived value, a sequence with its value in each row, or `ABSENT`.
    """
    return _Decoder(parameters, matrix, derived).section(root, np.arange(len(matrix)))


class _Decoder:
    """Builds the dicts of a section, innermost first, for all rows that have the section."""

    def __init__(
        self, parameters: Sequence[Parameter], matrix: Floats, derived: Sequence[Sequence[Any]]
    ) -> None:
        self._domains = [parameter.domain for parameter in parameters]
        self._matrix = matrix
        self._derived = derived

    def section(self, section: Section, rows: Rows) -> list[dict[str, Any]]:
        keys = [item.key for item in section.always]
        columns = [self._values(item, rows) for item in section.always]
        if section.name is not None:
            keys.insert(0, NAME_KEY)
            columns.insert(0, [section.name] * len(rows))
        built = [*map(dict, map(zip, repeat(keys), zip(*columns, strict=True)))]
        records = built if keys else [{} for _ in rows]
        for item in section.conditional:
            self._add_where_active(item, rows, records)
        for key, number in section.derived:
            values = self._derived[number]
            for record, row in zip(records, rows.tolist(), strict=True):
                if values[row] is not ABSENT:
                    record[key] = values[row]
        return records

    def _add_where_active(self, item: Item, rows: Rows, records: Sequence[dict[str, Any]]) -> None:
        places = np.flatnonzero(~np.isnan(self._matrix[rows, item.column]))
        values = self._values(item, rows[places])
        for place, value in zip(places.tolist(), values, strict=True):
            records[place][item.key] = value

    def _values(self, item: Item, rows: Rows) -> list[Any]:
        numbers = self._matrix[rows, item.column]
        if not item.branches:
            return _plain(self._domains[item.column], numbers)
        values = np.empty(len(rows), dtype=object)
        for index, section in enumerate(item.branches):
            places = np.flatnonzero(numbers == index)
            if len(places):
                values[places] = self.section(section, rows[places])
        return list(values)


def _plain(domain: Domain, numbers: Floats) -> list[Any]:
    """Return the values that the floats of a domain represent."""
    match domain:
        case Integer():
            return list(numbers.astype(np.int64).tolist())
        case Categorical(choices=choices) | Ordinal(choices):
            values = map(choices.__getitem__, numbers.astype(np.intp).tolist())
            # Copy the value, so that a trial or tuner that changes its assignment does not change
            # the domain.
            return [deepcopy(v) if isinstance(v, list | dict) else v for v in values]
        case _:
            return list(numbers.tolist())

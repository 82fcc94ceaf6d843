"""Contour lines of a function on a grid, by marching squares."""

from collections import defaultdict
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Edge: TypeAlias = tuple[tuple[int, int], tuple[int, int]]
"""Two neighbours on the grid, each by its row and its column."""
Line: TypeAlias = list[tuple[float, float]]
"""Points in units of the grid, each by its row and its column."""


def contour_lines(values: Floats, level: float) -> Iterator[Line]:
    """Yield the lines on which a function has a value, shape (rows, columns)."""
    links = _links(values > level)
    while links:
        # A line that ends at the border is followed from there; a ring, from anywhere.
        start = next((edge for edge, near in links.items() if len(near) == 1), next(iter(links)))
        yield [_crossing(values, level, edge) for edge in _followed(start, links)]


def _links(above: NDArray[np.bool_]) -> dict[Edge, list[Edge]]:
    """Join the edges that a line crosses, cell by cell."""
    links: dict[Edge, list[Edge]] = defaultdict(list)
    for row, column in np.ndindex(above.shape[0] - 1, above.shape[1] - 1):
        crossed = [edge for edge in _around(row, column) if above[edge[0]] != above[edge[1]]]
        # Four of a cell make a saddle, which may be joined either way.
        for one, other in zip(crossed[::2], crossed[1::2], strict=True):
            links[one].append(other)
            links[other].append(one)
    return links


def _around(row: int, column: int) -> list[Edge]:
    """List the edges of a cell, one after the other."""
    below, right = row + 1, column + 1
    return [
        ((row, column), (row, right)),
        ((row, right), (below, right)),
        ((below, column), (below, right)),
        ((row, column), (below, column)),
    ]


def _followed(start: Edge, links: dict[Edge, list[Edge]]) -> Iterator[Edge]:
    """Go along a line, and take it away; a ring comes back to where it began."""
    edge: Edge | None = start
    ring = len(links[start]) > 1
    while edge is not None:
        yield edge
        near = links.pop(edge)
        edge = next((one for one in near if one in links), None)
    if ring:
        yield start


def _crossing(values: Floats, level: float, edge: Edge) -> tuple[float, float]:
    (row, column), (to_row, to_column) = edge
    first, last = values[edge[0]], values[edge[1]]
    share = float((level - first) / (last - first))
    return row + share * (to_row - row), column + share * (to_column - column)

"""The points of a finite space that have not been tried yet, in the order of the grid."""

from collections import deque
from collections.abc import Collection, Container, Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sweepwright.space import SearchSpace

from ._dyadic_grid import grid_points

Floats: TypeAlias = NDArray[np.float64]


class UntriedPoints:
    """Finds untried rows of a finite space. Rows may be added to `tried`, but not removed.

    Parameters
    ----------
    tried
        Rows of values that have been tried, as bytes. The set belongs to the caller, and each call
        reads it again.
    """

    def __init__(self, space: SearchSpace, tried: Container[bytes]) -> None:
        self._tried = tried
        self._upcoming = _rows(space)
        self._skipped: deque[Floats] = deque()

    def first(self, reserved: Collection[bytes]) -> Floats | None:
        """Return the first row that is neither tried nor reserved, or None if there is none."""
        # A row that was reserved may become free again, so rows stay in the queue until they are
        # tried. Tried rows are removed at the front only, where almost all of them are.
        while self._skipped and self._skipped[0].tobytes() in self._tried:
            self._skipped.popleft()
        return next((row for row in self._remaining() if self._is_free(row, reserved)), None)

    def _remaining(self) -> Iterator[Floats]:
        yield from self._skipped
        for row in self._upcoming:
            self._skipped.append(row)
            yield row

    def _is_free(self, row: Floats, reserved: Collection[bytes]) -> bool:
        key = row.tobytes()
        return key not in self._tried and key not in reserved


def _rows(space: SearchSpace) -> Iterator[Floats]:
    for assignment in grid_points(space):
        yield space.encode([assignment])[0]

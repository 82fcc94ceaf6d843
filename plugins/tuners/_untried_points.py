"""What is left of a finite space, in the order of a grid."""

from collections import deque
from collections.abc import Collection, Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sweepwright.space import SearchSpace

from ._dyadic_grid import points

Floats: TypeAlias = NDArray[np.float64]


class Remainder:
    """The rows of a finite space that were not tried; what was tried may only grow.

    Parameters
    ----------
    tried
        Rows of values, as bytes; looked at each time.
    """

    def __init__(self, space: SearchSpace, tried: Collection[bytes]) -> None:
        self._tried = tried
        self._coming = _rows(space)
        self._waiting: deque[Floats] = deque()

    def first(self, taken: Collection[bytes]) -> Floats | None:
        """Return the first row that was neither tried nor is taken, None when there is none."""
        while self._waiting and self._waiting[0].tobytes() in self._tried:
            self._waiting.popleft()
        return next((row for row in self._rest() if self._free(row, taken)), None)

    def _rest(self) -> Iterator[Floats]:
        yield from self._waiting
        for row in self._coming:
            self._waiting.append(row)
            yield row

    def _free(self, row: Floats, taken: Collection[bytes]) -> bool:
        key = row.tobytes()
        return key not in self._tried and key not in taken


def _rows(space: SearchSpace) -> Iterator[Floats]:
    for assignment in points(space):
        yield space.encode([assignment])[0]

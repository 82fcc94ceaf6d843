"""When models are fitted again, and what is kept in between.

A suggestion is a function of the events told. A model is therefore fitted to the first n trials
that ended, where n follows a schedule, and whatever is kept between two calls only saves time.
"""

import math
from collections.abc import Callable, Hashable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")

GROWTH, MOST_GROWTH = 0.1, 50
"""Share by which the number of trials grows from fit to fit, and the largest growth."""


def fitted_count(ended: int, first: int) -> int:
    """Return the number of trials of the last fit, when `ended` trials have ended.

    The first fit is to `first` trials, at least 1.
    """
    count = first
    for count_next in _schedule(first):
        if count_next > ended:
            break
        count = count_next
    return count


def _schedule(first: int) -> Iterator[int]:
    count = first
    while True:
        yield count
        count += min(math.ceil(GROWTH * count), MOST_GROWTH)


class Latest(Generic[T]):
    """Keeps the value that was computed last, until another key is asked for.

    The value must be a function of the key and of the events told.
    """

    def __init__(self) -> None:
        self._kept: tuple[Hashable, T] | None = None

    def get(self, key: Hashable, compute: Callable[[], T]) -> T:
        """Return the value for a key, and compute it if it is not kept."""
        if self._kept is None or self._kept[0] != key:
            self._kept = key, compute()
        return self._kept[1]

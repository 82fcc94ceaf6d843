"""Fast draws: each function draws a single integer, and builds no further hypothesis strategy."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class Draw(Protocol):
    """The function `draw` of a composite strategy or of `st.data()`."""

    def __call__(self, strategy: st.SearchStrategy[T], /) -> T: ...


def pick(draw: Draw, options: Sequence[T]) -> T:
    """Draw one of several options; hypothesis shrinks towards the first option."""
    return options[draw(st.integers(0, len(options) - 1))] if len(options) > 1 else options[0]


def chance(draw: Draw, one_in: int = 2) -> bool:
    """Draw True with a probability of one in `one_in`."""
    return pick(draw, [False] * (one_in - 1) + [True])


def shuffled(draw: Draw, options: Sequence[T]) -> list[T]:
    """Draw a permutation of the options, or keep their order."""
    if len(options) < 2 or not chance(draw):
        return list(options)
    left = list(options)
    return [left.pop(draw(st.integers(0, len(left) - 1))) for _ in range(len(options))]

"""Draws that cost little, however many there are: no strategy is made for each."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class Draw(Protocol):
    """Draws from a strategy, be it in a composite one or in the middle of a test."""

    def __call__(self, strategy: st.SearchStrategy[T], /) -> T: ...


def pick(draw: Draw, options: Sequence[T]) -> T:
    """Draw one of several; the first is the simplest."""
    return options[draw(st.integers(0, len(options) - 1))] if len(options) > 1 else options[0]


def perhaps(draw: Draw, one_in: int = 2) -> bool:
    """Draw whether something is to be, once in so many times."""
    return pick(draw, [False] * (one_in - 1) + [True])


def shuffled(draw: Draw, options: Sequence[T]) -> list[T]:
    """Draw an order, or leave things as they are."""
    if len(options) < 2 or not perhaps(draw):
        return list(options)
    left = list(options)
    return [left.pop(draw(st.integers(0, len(left) - 1))) for _ in range(len(options))]

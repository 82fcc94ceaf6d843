"""A landscape: a space with the loss of each of its points, and what is known about it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import hypot, isnan, nan
from typing import Any, TypeAlias

from sweepwright.events import Assignment
from sweepwright.space import SearchSpace

Values: TypeAlias = Mapping[str, Any]
"""Values of the active parameters, by the parameters' full names."""


@dataclass(frozen=True, slots=True)
class Landscape:
    """A problem that tuners are judged on; the loss is minimised."""

    name: str
    """Its group and its name in that, such as ``functions/mixed``."""
    space: SearchSpace
    loss: Callable[[Values], float]
    best: float = nan
    """The lowest loss there is, or the lowest that is known."""
    median: float = nan
    """The median loss of random points."""
    noise: float = 0.0
    """Standard deviation of what is added to a loss before a tuner hears of it."""

    def noisier(self, share: float) -> "Landscape":
        """Add noise, so much of the way from the median to the best."""
        return replace(self, noise=hypot(self.noise, share * (self.median - self.best)))


def values_of(space: SearchSpace, assignment: Assignment) -> dict[str, Any]:
    """Flatten what a trial receives to the values of parameters by name."""
    return row_values(space, space.encode([assignment])[0].tolist())


def row_values(space: SearchSpace, row: Sequence[float]) -> dict[str, Any]:
    """Read the values of a row of the space."""
    pairs = zip(space.parameters, row, strict=True)
    return {p.name: p.domain.value(number) for p, number in pairs if not isnan(number)}

"""Domains of choices: values without order, values in order, named branches."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from .call_form import call_of_choices
from .grid import Grid


@dataclass(frozen=True)
class _Choices:
    """Values given one by one: whatever JSON can hold.

    A base class, against this project's habit: `Categorical` and `Ordinal` differ in what
    tuners may assume of neighbouring indices, and in nothing that this class does.
    """

    choices: tuple[Any, ...]

    @property
    def grid(self) -> Grid:
        """The indices of the choices."""
        return _indices(self.size)

    @property
    def size(self) -> int:
        """Number of choices."""
        return len(self.choices)

    def value(self, number: float) -> Any:
        """Return the choice of an index."""
        return self.choices[int(number)]

    def number(self, value: Any) -> float | None:
        """Return the index of a choice; None if it is not one."""
        try:
            return self._indices_by_json[json.dumps(value)]
        except (KeyError, TypeError, ValueError):
            # An equal value of another type, such as 1.0 for 1, or a tuple for a list.
            return _index(self.choices, value)

    @cached_property
    def _indices_by_json(self) -> dict[str, float]:
        """Index each choice by its JSON, which tells 1, 1.0 and true apart."""
        return {json.dumps(choice): float(index) for index, choice in enumerate(self.choices)}


@dataclass(frozen=True)
class Categorical(_Choices):
    """One of several values without order."""

    weights: tuple[float, ...] | None = None
    """Relative probabilities, each above 0; None for equal ones."""

    def __str__(self) -> str:
        """Format in the call form."""
        return call_of_choices("choice", self.choices, weights=_listed(self.weights))


@dataclass(frozen=True)
class Ordinal(_Choices):
    """One of several values in order, all equally probable."""

    def __str__(self) -> str:
        """Format in the call form."""
        return call_of_choices("ordinal", self.choices)


@dataclass(frozen=True)
class Nested:
    """One of several named branches, each with parameters of its own."""

    branches: tuple[str, ...]
    weights: tuple[float, ...] | None = None
    """Relative probabilities, each above 0; None for equal ones."""

    @property
    def grid(self) -> Grid:
        """The indices of the branches."""
        return _indices(self.size)

    @property
    def size(self) -> int:
        """Number of branches."""
        return len(self.branches)

    def value(self, number: float) -> str:
        """Return the name of the branch of an index."""
        return self.branches[int(number)]

    def number(self, value: Any) -> float | None:
        """Return the index of a branch; None if no branch has this name."""
        return _index(self.branches, value)

    def __str__(self) -> str:
        """Format as a choice of names."""
        return call_of_choices("choice", self.branches, weights=_listed(self.weights))


def _indices(count: int) -> Grid:
    return Grid(Fraction(1), 0, count - 1)


def _index(choices: Sequence[Any], value: Any) -> float | None:
    for index, choice in enumerate(choices):
        # To Python, True equals 1; a choice of numbers has no place for a boolean.
        if isinstance(choice, bool) == isinstance(value, bool) and choice == value:
            return float(index)
    return None


def _listed(weights: tuple[float, ...] | None) -> list[float] | None:
    return None if weights is None else list(weights)

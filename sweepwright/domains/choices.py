"""Domains of choices: values without an order, values with an order, and named branches."""

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
    """A list of values, each of which JSON can represent.

    Unlike the rest of the project, this module uses a base class. `Categorical` and `Ordinal`
    behave in the same way. They differ only in what tuners may assume about values with
    neighbouring indices.
    """

    choices: tuple[Any, ...]

    @property
    def grid(self) -> Grid:
        """Grid of the indices of the choices."""
        return _indices(self.size)

    @property
    def size(self) -> int:
        """Number of choices."""
        return len(self.choices)

    def value(self, number: float) -> Any:
        """Return the option at an index."""
        return self.choices[int(number)]

    def number(self, value: Any) -> float | None:
        """Return the index of a value; None if the value is not among the choices."""
        try:
            return self._indices_by_json[json.dumps(value)]
        except (KeyError, TypeError, ValueError):
            # The value may equal a choice of another type, such as 1.0 and 1, or a tuple and a
            # list.
            return _index(self.choices, value)

    @cached_property
    def _indices_by_json(self) -> dict[str, float]:
        """Mapping from the JSON text of each choice to its index.

        Unlike Python's equality, JSON text distinguishes 1, 1.0 and true.
        """
        return {json.dumps(choice): float(index) for index, choice in enumerate(self.choices)}


@dataclass(frozen=True)
class Categorical(_Choices):
    """A choice among values without an order."""

    weights: tuple[float, ...] | None = None
    """Relative probabilities, each above 0; None if all are equal."""

    def __str__(self) -> str:
        """Format the domain in the call form."""
        return call_of_choices("choice", self.choices, weights=_listed(self.weights))


@dataclass(frozen=True)
class Ordinal(_Choices):
    """A choice among values with an order, which are all equally probable."""

    def __str__(self) -> str:
        """Format the domain in the call form."""
        return call_of_choices("ordinal", self.choices)


@dataclass(frozen=True)
class Nested:
    """A choice among named branches, each of which has its own parameters."""

    branches: tuple[str, ...]
    weights: tuple[float, ...] | None = None
    """Relative probabilities, each above 0; None if all are equal."""

    @property
    def grid(self) -> Grid:
        """Grid of the indices of the branches."""
        return _indices(self.size)

    @property
    def size(self) -> int:
        """Number of branches."""
        return len(self.branches)

    def value(self, number: float) -> str:
        """Return the name of the branch at an index."""
        return self.branches[int(number)]

    def number(self, value: Any) -> float | None:
        """Return the index of the branch with a name; None if there is no such branch."""
        return _index(self.branches, value)

    def __str__(self) -> str:
        """Format the choice in the call form, with the names of its branches."""
        return call_of_choices("choice", self.branches, weights=_listed(self.weights))


def _indices(count: int) -> Grid:
    return Grid(Fraction(1), 0, count - 1)


def _index(choices: Sequence[Any], value: Any) -> float | None:
    for index, choice in enumerate(choices):
        # In Python, True == 1. But a boolean is not one of the values of a choice of numbers.
        if isinstance(choice, bool) == isinstance(value, bool) and choice == value:
            return float(index)
    return None


def _listed(weights: tuple[float, ...] | None) -> list[float] | None:
    return None if weights is None else list(weights)

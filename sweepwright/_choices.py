"""Domains of choices: values without order, values in order, named branches."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from ._call_form import call_of_choices
from ._grid import Grid


@dataclass(frozen=True)
class Categorical:
    """One of several values without order: whatever JSON can hold."""

    choices: tuple[Any, ...]
    weights: tuple[float, ...] | None = None
    """How likely each is beside the others, above 0; all equally when None."""

    @property
    def grid(self) -> Grid:
        """The indices of the choices."""
        return Grid(Fraction(1), 0, self.size - 1)

    @property
    def size(self) -> int:
        """Number of choices."""
        return len(self.choices)

    def value(self, number: float) -> Any:
        """Return the choice of an index."""
        return self.choices[int(number)]

    def number(self, value: Any) -> float | None:
        """Return the index of a choice, None for a value outside."""
        return _index(self._positions, self.choices, value)

    @cached_property
    def _positions(self) -> dict[str, float]:
        return _positions(self.choices)

    def __str__(self) -> str:
        """Render in the call form."""
        return call_of_choices("choice", self.choices, weights=_listed(self.weights))


@dataclass(frozen=True)
class Ordinal:
    """One of several values in order, each as likely as the others."""

    choices: tuple[Any, ...]

    @property
    def grid(self) -> Grid:
        """The indices of the choices."""
        return Grid(Fraction(1), 0, self.size - 1)

    @property
    def size(self) -> int:
        """Number of choices."""
        return len(self.choices)

    def value(self, number: float) -> Any:
        """Return the choice of an index."""
        return self.choices[int(number)]

    def number(self, value: Any) -> float | None:
        """Return the index of a choice, None for a value outside."""
        return _index(self._positions, self.choices, value)

    @cached_property
    def _positions(self) -> dict[str, float]:
        return _positions(self.choices)

    def __str__(self) -> str:
        """Render in the call form."""
        return call_of_choices("ordinal", self.choices)


@dataclass(frozen=True)
class Nested:
    """One of several named branches, each with parameters of its own."""

    branches: tuple[str, ...]
    weights: tuple[float, ...] | None = None
    """How likely each is beside the others, above 0; all equally when None."""

    @property
    def grid(self) -> Grid:
        """The indices of the branches."""
        return Grid(Fraction(1), 0, self.size - 1)

    @property
    def size(self) -> int:
        """Number of branches."""
        return len(self.branches)

    def value(self, number: float) -> str:
        """Return the name of a branch by its index."""
        return self.branches[int(number)]

    def number(self, value: Any) -> float | None:
        """Return the index of a branch, None for a name that is none of them."""
        return _position(self.branches, value)

    def __str__(self) -> str:
        """Render as a choice of names."""
        return call_of_choices("choice", self.branches, weights=_listed(self.weights))


def _positions(choices: Sequence[Any]) -> dict[str, float]:
    """Index each choice by its JSON, which tells 1, 1.0 and true apart."""
    return {json.dumps(choice): float(index) for index, choice in enumerate(choices)}


def _index(positions: dict[str, float], choices: Sequence[Any], value: Any) -> float | None:
    try:
        return positions[json.dumps(value)]
    except (KeyError, TypeError, ValueError):
        return _position(choices, value)


def _position(choices: Sequence[Any], value: Any) -> float | None:
    for index, choice in enumerate(choices):
        if isinstance(choice, bool) == isinstance(value, bool) and choice == value:
            return float(index)
    return None


def _listed(weights: tuple[float, ...] | None) -> list[float] | None:
    return None if weights is None else list(weights)

"""Domains: the sets that parameters take their values from, and the prior on each.

Every domain knows its values as plain Python objects and as floats; numbers stand for
themselves, choices for their index.
"""

import json
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeAlias

from ._grid import MAX_EXACT, Grid, fraction, grid


@dataclass(frozen=True)
class Real:
    """Floats from `low` to `high`, both included; uniform, or log-uniform.

    With a step, the multiples of it that lie between the two, each as likely as the part of
    the (log) axis that is nearest to it.
    """

    low: float
    high: float
    log: bool = False
    step: float | None = None

    @cached_property
    def grid(self) -> Grid | None:
        """The multiples of the step in the domain, None without one."""
        return None if self.step is None else grid(self.low, self.high, self.step)

    @property
    def size(self) -> int | None:
        """Number of values, None when there is no end of them."""
        if self.grid is not None:
            return self.grid.size
        return 1 if self.low == self.high else None

    def value(self, number: float) -> float:
        """Return the value a float stands for."""
        return number

    def number(self, value: Any) -> float | None:
        """Return the float of a value, None for a value outside."""
        if not _is_number(value) or not self.low <= value <= self.high:
            return None
        return _unsigned(value) if self.grid is None else self.grid.number(value)

    def __str__(self) -> str:
        """Render in the call form."""
        return _call("loguniform" if self.log else "uniform", self.low, self.high, step=self.step)


@dataclass(frozen=True)
class Integer:
    """Integers from `low` to `high`, both included, multiples of `step`; uniform, or log."""

    low: int
    high: int
    log: bool = False
    step: int = 1

    @cached_property
    def grid(self) -> Grid:
        """The multiples of the step in the domain."""
        return grid(self.low, self.high, self.step)

    @property
    def size(self) -> int:
        """Number of values."""
        return self.grid.size

    def value(self, number: float) -> int:
        """Return the value a float stands for; an int stays an int."""
        return int(number)

    def number(self, value: Any) -> float | None:
        """Return the float of a value, None for a value outside or one that is no integer."""
        return self.grid.number(value) if _is_number(value) else None

    def __str__(self) -> str:
        """Render in the call form."""
        step = None if self.step == 1 else self.step
        return _call("int", self.low, self.high, log=self.log or None, step=step)


@dataclass(frozen=True)
class Normal:
    """A normal distribution, or one whose logarithm is normal; with a step, multiples of it."""

    mean: float
    std: float
    log: bool = False
    step: float | None = None

    @cached_property
    def grid(self) -> Grid | None:
        """The multiples of the step that it can take, None without one."""
        if self.step is None:
            return None
        return Grid(fraction(self.step), 0 if self.log else -MAX_EXACT, MAX_EXACT)

    @property
    def size(self) -> None:
        """Without end."""
        return

    def value(self, number: float) -> float:
        """Return the value a float stands for."""
        return number

    def number(self, value: Any) -> float | None:
        """Return the float of a value, None for what is no finite number."""
        if not _is_number(value):
            return None
        if self.grid is not None:
            return self.grid.number(value)
        lowest = math.ulp(0.0) if self.log else -_LARGEST
        return _unsigned(value) if lowest <= value <= _LARGEST else None

    def __str__(self) -> str:
        """Render in the call form."""
        return _call("lognormal" if self.log else "normal", self.mean, self.std, step=self.step)


@dataclass(frozen=True)
class Categorical:
    """One of several values without order: numbers, strings, booleans, null."""

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
        try:
            return self._positions[json.dumps(value)]
        except (KeyError, TypeError, ValueError):
            return _position(self.choices, value)

    @cached_property
    def _positions(self) -> dict[str, float]:
        """Index of each choice by its JSON, which tells 1, 1.0 and true apart."""
        return {json.dumps(choice): float(i) for i, choice in enumerate(self.choices)}

    def __str__(self) -> str:
        """Render in the call form."""
        return _call("choice", *self.choices)


@dataclass(frozen=True)
class Nested:
    """One of several named branches, each with parameters of its own."""

    branches: tuple[str, ...]

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
        return _call("choice", *self.branches)


Domain: TypeAlias = Real | Integer | Normal | Categorical | Nested


@dataclass(frozen=True, slots=True)
class Condition:
    """Active only where the parent took one of these choices, given by index."""

    parent: str
    choices: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A name in the space, its domain, where a trial finds it, and when it is active."""

    name: str
    """Unique in the space, such as ``optimizer.sgd.momentum``."""
    domain: Domain
    path: tuple[str, ...] = ()
    """Keys to it in what a trial receives, such as ``("optimizer", "momentum")``."""
    when: Condition | None = None
    default: Any = None

    def __post_init__(self) -> None:
        """Deliver under the name itself unless told otherwise."""
        if not self.path:
            object.__setattr__(self, "path", (self.name,))


_LARGEST = sys.float_info.max
"""Largest finite float."""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _unsigned(value: float) -> float:
    """Make 0.0 of -0.0, which would be another assignment to whoever compares bytes."""
    return float(value) + 0.0


def _position(choices: Sequence[Any], value: Any) -> float | None:
    for index, choice in enumerate(choices):
        if isinstance(choice, bool) == isinstance(value, bool) and choice == value:
            return float(index)
    return None


def _call(name: str, *arguments: Any, **options: Any) -> str:
    """Write the call form of a domain; options that are None are left out."""
    words = [_literal(argument) for argument in arguments]
    words += [f"{key}={_literal(value)}" for key, value in options.items() if value is not None]
    return f"{name}({', '.join(words)})"


def _literal(value: Any) -> str:
    if isinstance(value, str) and value.isidentifier() and value not in _RESERVED:
        return value
    text = json.dumps(value, ensure_ascii=False)
    return text.removesuffix(".0") if isinstance(value, float) else text


_RESERVED = ("true", "false", "null")


__all__ = [
    "MAX_EXACT",
    "Categorical",
    "Condition",
    "Domain",
    "Grid",
    "Integer",
    "Nested",
    "Normal",
    "Parameter",
    "Real",
    "fraction",
]

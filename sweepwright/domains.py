"""Domains: the sets that parameters take their values from, and the prior on each.

Every domain knows its values as plain Python objects and as floats; numbers stand for
themselves, choices for their index.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeAlias

MAX_EXACT = 2**53
"""Largest integer below which every integer is a float."""


@dataclass(frozen=True)
class Grid:
    """Multiples ``first * step`` to ``last * step``, with the step as an exact fraction."""

    step: Fraction
    first: int
    last: int

    def value(self, index: float) -> float:
        """Compute the index-th multiple, correctly rounded, so that 3 * 0.1 is 0.3."""
        return float(index * self.step.numerator) / self.step.denominator

    def nearest(self, value: float) -> float | None:
        """Return the multiple that a value is, None when it is none of them."""
        if not math.isfinite(value):
            return None
        index = round(value / self.step) if self.step else 0
        held = self.first <= index <= self.last and self.value(index) == value
        return float(value) if held else None


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
        return None if self.step is None else _grid(self.low, self.high, self.step)

    @property
    def size(self) -> int | None:
        """Number of values, None when there is no end of them."""
        if self.grid:
            return self.grid.last - self.grid.first + 1
        return 1 if self.low == self.high else None

    def value(self, number: float) -> float:
        """Return the value a float stands for."""
        return number

    def number(self, value: Any) -> float | None:
        """Return the float of a value, None for a value outside."""
        if not _is_number(value):
            return None
        if self.grid:
            return self.grid.nearest(value)
        return float(value) if self.low <= value <= self.high else None

    def __str__(self) -> str:
        """Render in the call form."""
        step = "" if self.step is None else f", step={self.step:g}"
        return f"{'loguniform' if self.log else 'uniform'}({self.low:g}, {self.high:g}{step})"


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
        return _grid(self.low, self.high, self.step)

    @property
    def size(self) -> int:
        """Number of values."""
        return self.grid.last - self.grid.first + 1

    def value(self, number: float) -> int:
        """Return the value a float stands for; an int stays an int."""
        return int(number)

    def number(self, value: Any) -> float | None:
        """Return the float of a value, None for a value outside or one that is no int."""
        if not _is_number(value) or value != int(value):
            return None
        return self.grid.nearest(value)

    def __str__(self) -> str:
        """Render in the call form."""
        step = "" if self.step == 1 else f", step={self.step}"
        return f"int({self.low}, {self.high}{', log=true' if self.log else ''}{step})"


@dataclass(frozen=True)
class Normal:
    """A normal distribution, or one whose logarithm is normal; with a step, multiples of it."""

    mean: float
    std: float
    log: bool = False
    step: float | None = None

    @property
    def size(self) -> None:
        """Without end."""
        return

    def value(self, number: float) -> float:
        """Return the value a float stands for."""
        return number

    def number(self, value: Any) -> float | None:
        """Return the float of a value, None for what is no finite number."""
        if not _is_number(value) or not math.isfinite(value) or (self.log and value < 0):
            return None
        if self.step is None:
            return float(value) if value > 0 or not self.log else None
        return Grid(fraction(self.step), -MAX_EXACT, MAX_EXACT).nearest(value)

    def __str__(self) -> str:
        """Render in the call form."""
        step = "" if self.step is None else f", step={self.step:g}"
        return f"{'lognormal' if self.log else 'normal'}({self.mean:g}, {self.std:g}{step})"


@dataclass(frozen=True)
class Categorical:
    """One of several values without order: numbers, strings, booleans, null."""

    choices: tuple[Any, ...]

    @property
    def size(self) -> int:
        """Number of choices."""
        return len(self.choices)

    def value(self, number: float) -> Any:
        """Return the choice of an index."""
        return self.choices[int(number)]

    def number(self, value: Any) -> float | None:
        """Return the index of a choice, None for a value outside."""
        return _position(self.choices, value)

    def __str__(self) -> str:
        """Render in the call form."""
        return f"choice({', '.join(map(_literal, self.choices))})"


@dataclass(frozen=True)
class Nested:
    """One of several named branches, each with parameters of its own."""

    branches: tuple[str, ...]

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
        return f"choice({', '.join(self.branches)})"


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


def fraction(step: float) -> Fraction:
    """Read a step as the decimal it was written as, so that 0.1 is one tenth."""
    return Fraction(Decimal(repr(step)))


def _grid(low: float, high: float, step: float) -> Grid:
    exact = fraction(step)
    return Grid(exact, math.ceil(fraction(low) / exact), math.floor(fraction(high) / exact))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _position(choices: Sequence[Any], value: Any) -> float | None:
    # By type as well: True equals 1 and 1 equals 1.0, but a trial may tell them apart.
    for index, choice in enumerate(choices):
        if choice == value and isinstance(choice, bool) == isinstance(value, bool):
            return float(index)
    return None


def _literal(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case None:
            return "null"
        case _:
            return str(value)

"""Explanations: why a key of the configuration has the value it has."""

from dataclasses import dataclass
from typing import Any

from sweepwright.diagnostics import Span

from .choices import Choice
from .layers import Change
from .references import Resolved


@dataclass(frozen=True, slots=True)
class Step:
    """What one layer did to a value."""

    change: Change
    value: Any
    """What it set."""
    by: str
    """Whose default that is; empty for what is written."""
    key: Span | None
    """Where its key is written."""
    span: Span | None
    """Where it is written."""
    choice: Choice | None
    """Who chose the file that it is in, or the plugin whose default it is."""
    in_force: bool


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value inside of a section, and where it is from."""

    key: str
    value: Any
    step: Step | None
    """What gave it; None when nobody can tell."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that had a say in a value, in order, and what it refers to."""

    key: str
    value: Any
    """As composed; nothing where it is not there in the end."""
    there: bool
    """Whether it is there in the end."""
    known: bool = True
    """Whether anybody can tell where it is from."""
    steps: tuple[Step, ...] = ()
    choices: tuple[Choice, ...] = ()
    """Who chose the configs of a section."""
    leaves: tuple[Leaf, ...] = ()
    """What a section holds, or the items of a list that were given by themselves."""
    resolved: Resolved | None = None
    """What came of a value that is interpolated."""
    targets: tuple["Explanation", ...] = ()
    """The values it refers to, each explained once."""
    way: str = ""
    """The key that was asked for, when it leads here through an interpolation."""

"""What a name in a source may stand for, as far as the reader follows it."""

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from .facts import Path


class Plain(Enum):
    """Values of which no more is known."""

    UNKNOWN = "unknown"
    NUMBER = "number"


UNKNOWN = Plain.UNKNOWN
NUMBER = Plain.NUMBER


@dataclass(eq=False, slots=True)
class DictValue:
    """A dict: the assignment or a part of it, one that the script makes, or both merged.

    Changed in place, as the dict is that it stands for.
    """

    path: Path | None
    """Where it lies in the assignment; None when it has nothing of it."""
    keys: set[str] = field(default_factory=set)
    """Keys that the script gives values, whatever the assignment holds."""
    anything: bool = False
    """Whether the script may give a value to any key."""
    attributes: bool = False
    """Whether its keys are attributes, as a namespace's are."""
    parts: "dict[str, DictValue]" = field(default_factory=dict)
    """What was read of it, by key."""

    def gives(self, key: str) -> bool:
        """Tell whether a key may be there without the assignment's doing."""
        return self.anything or key in self.keys


@dataclass(frozen=True, slots=True)
class Text:
    """A string that stands in the source."""

    text: str


@dataclass(frozen=True, slots=True)
class Imported:
    """Something of another module, or built in, by its dotted name."""

    name: str


FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, eq=False, slots=True)
class Function:
    """A function of the source, with the scope that it was defined in."""

    node: FunctionNode
    scope: "Scope"


@dataclass(frozen=True, eq=False, slots=True)
class Class:
    """A class of the source."""

    node: ast.ClassDef
    scope: "Scope"


Value: TypeAlias = Plain | DictValue | Text | Imported | Function | Class
Values: TypeAlias = tuple[Value, ...]
"""All that an expression may be."""


@dataclass(eq=False, slots=True)
class Scope:
    """The names of a module, or of one call of a function, and how far its code has come."""

    outer: "Scope | None" = None
    certain: bool = True
    """Whether what is read now is executed on every run."""
    names: dict[str, Values] = field(default_factory=dict)
    shared: dict[str, "Scope"] = field(default_factory=dict)
    """Names that are declared to be those of the module, or of a function around."""
    functions: list[Function] = field(default_factory=list)
    """What is defined in it, classes' methods included."""
    returned: list[Value] = field(default_factory=list)
    left: bool = False
    """Whether a run may have returned by now."""
    looping: bool = False

    @contextmanager
    def doubt(self, *, unless: bool = False) -> Iterator[None]:
        """Go through code that some runs skip, unless they do not."""
        before, self.certain = self.certain, self.certain and unless
        yield
        self.certain = before and not self.left

    def look_up(self, name: str) -> Values | None:
        """Find what a name may stand for; None when nobody gave it a value."""
        if name in self.names:
            return self.names[name]
        return self.outer.look_up(name) if self.outer else None

    def assign(self, name: str, values: Values) -> None:
        """Give a name a value, besides what it may have where this is not certain."""
        if name in self.shared:
            names = self.shared[name].names
            names[name] = union(names.get(name, ()), values, (UNKNOWN,))
        elif self.certain:
            self.names[name] = values
        else:
            self.names[name] = union(self.names.get(name, ()), values)


def union(*all_values: Values) -> Values:
    """Merge what may be, each once."""
    merged = dict.fromkeys(value for values in all_values for value in values)
    return tuple(merged)


def tables(values: Values) -> Iterator[DictValue]:
    """Pick the tables."""
    return (value for value in values if isinstance(value, DictValue))


def sole_text(values: Values) -> str | None:
    """Return the text that is meant, None if it may be something else."""
    match values:
        case (Text(text),):
            return text
    return None

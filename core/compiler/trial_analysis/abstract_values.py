"""Abstract values, and the scopes that bind names to abstract values.

The interpreter computes a tuple of alternative values for each expression. Most values are
immutable. A `DictValue` is changed in place and compared by identity, like the dict that it
represents, so that a change is visible through every name of the dict.
"""

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from .facts import ParameterPath


class Plain(Enum):
    """Values about which nothing but their type is known."""

    UNKNOWN = "unknown"
    NUMBER = "number"


UNKNOWN = Plain.UNKNOWN
NUMBER = Plain.NUMBER


@dataclass(eq=False, slots=True)
class DictValue:
    """A dict that contains keys of the assignment, keys that the script sets, or both.

    A key of the assignment may be missing, so a read of such a key is an observation. A key that
    the script sets always exists, and a read of such a key reveals nothing about the assignment.
    """

    path: ParameterPath | None
    """Path of the part of the assignment that the dict contains; None if there is no such part."""
    own_keys: set[str] = field(default_factory=set)
    """Keys that the script itself sets in the dict."""
    any_own_key: bool = False
    """Whether the script may set arbitrary keys in the dict."""
    is_namespace: bool = False
    """Whether the keys are attributes, as in an `argparse.Namespace`."""
    children: "dict[str, DictValue]" = field(default_factory=dict)
    """Mapping from each key to the value of its first read, which later reads find again."""

    def may_have_own(self, key: str) -> bool:
        """Tell whether the script may have set a key of the dict."""
        return self.any_own_key or key in self.own_keys


@dataclass(frozen=True, slots=True)
class Text:
    """A string constant of the source."""

    text: str


@dataclass(frozen=True, slots=True)
class Imported:
    """A builtin or a name that is imported from another module, with its dotted name."""

    name: str


FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, eq=False, slots=True)
class Function:
    """A function of the source, with the scope in which it is defined."""

    node: FunctionNode
    scope: "Scope"


@dataclass(frozen=True, eq=False, slots=True)
class Class:
    """A class of the source, with the scope in which it is defined."""

    node: ast.ClassDef
    scope: "Scope"


Value: TypeAlias = Plain | DictValue | Text | Imported | Function | Class
Values: TypeAlias = tuple[Value, ...]
"""All values that an expression may have, as alternatives."""


@dataclass(eq=False, slots=True)
class Scope:
    """The names of a module or of one call of a function, and the state of the execution.

    After a possible return, no statement of the scope is executed on every run. So between
    statements, `always_executed` and `may_have_returned` are never both set.
    """

    outer: "Scope | None" = None
    always_executed: bool = True
    """Whether every run executes the current statement."""
    names: dict[str, Values] = field(default_factory=dict)
    declared: dict[str, "Scope"] = field(default_factory=dict)
    """Mapping from each name in a `global` or `nonlocal` statement to the scope that binds it."""
    functions: list[Function] = field(default_factory=list)
    """Functions that are defined in the scope, including the methods of its classes."""
    returned: list[Value] = field(default_factory=list)
    may_have_returned: bool = False
    """Whether some run has returned before the current statement."""
    in_loop: bool = False
    """Whether the current statement is in the body of a loop."""

    @contextmanager
    def maybe_executed(self, *, unless: bool = False) -> Iterator[None]:
        """Enter code that some runs may skip; if `unless` is set, every run executes the code."""
        before, self.always_executed = self.always_executed, self.always_executed and unless
        yield
        self.always_executed = before and not self.may_have_returned

    def look_up(self, name: str) -> Values | None:
        """Return the values that a name may have; None if no scope binds the name."""
        if name in self.names:
            return self.names[name]
        return self.outer.look_up(name) if self.outer else None

    def assign(self, name: str, values: Values) -> None:
        """Bind a name to values.

        If every run executes the assignment, the values replace all earlier values. Otherwise they
        are added as alternatives.
        """
        if name in self.declared:
            # Code in the other scope may run before or after this assignment, so the old values
            # remain possible.
            names = self.declared[name].names
            names[name] = union(names.get(name, ()), values, (UNKNOWN,))
        elif self.always_executed:
            self.names[name] = values
        else:
            self.names[name] = union(self.names.get(name, ()), values)


def union(*all_values: Values) -> Values:
    """Combine alternatives, without duplicates."""
    # Use a dict and not a set, since the order of alternatives must not depend on hashes.
    return tuple(dict.fromkeys(value for values in all_values for value in values))


def dicts_in(values: Values) -> Iterator[DictValue]:
    """Yield those alternatives that are dicts."""
    return (value for value in values if isinstance(value, DictValue))


def constant_text(values: Values) -> str | None:
    """Return the string that an expression has as its value on every run, or None."""
    match values:
        case (Text(text),):
            return text
    return None

"""Abstract values, and the scopes that bind names to them.

An expression has a tuple of values, its alternatives. Most values are immutable. A `DictValue` is
changed in place and compared by identity, like the dict that it stands for, so that all names of
one dict see its changes.
"""

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from .facts import ParameterPath


class Plain(Enum):
    """Values without structure."""

    UNKNOWN = "unknown"
    NUMBER = "number"


UNKNOWN = Plain.UNKNOWN
NUMBER = Plain.NUMBER


@dataclass(eq=False, slots=True)
class DictValue:
    """A dict that holds keys of the assignment, keys that the script sets, or both.

    A key of the assignment may be missing, so a read of it is an observation. A key that the
    script sets is there in any case, and a read of it says nothing about the assignment.
    """

    path: ParameterPath | None
    """Path of the part of the assignment that it holds; None if it holds none."""
    own_keys: set[str] = field(default_factory=set)
    """Keys that the script sets itself."""
    any_own_key: bool = False
    """Whether the script may set any key, since the keys that it sets are unknown."""
    is_namespace: bool = False
    """Whether its keys are attributes, as those of `argparse.Namespace` are."""
    children: "dict[str, DictValue]" = field(default_factory=dict)
    """Values that were read from it, by key, so that a second read finds the same dict."""

    def may_have_own(self, key: str) -> bool:
        """Tell whether the script may have set a key."""
        return self.any_own_key or key in self.own_keys


@dataclass(frozen=True, slots=True)
class Text:
    """A string constant of the source."""

    text: str


@dataclass(frozen=True, slots=True)
class Imported:
    """A builtin, or a name imported from another module, by its dotted name."""

    name: str


FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, eq=False, slots=True)
class Function:
    """A function of the source, with the scope that it closes over."""

    node: FunctionNode
    scope: "Scope"


@dataclass(frozen=True, eq=False, slots=True)
class Class:
    """A class of the source, with the scope that it is defined in."""

    node: ast.ClassDef
    scope: "Scope"


Value: TypeAlias = Plain | DictValue | Text | Imported | Function | Class
Values: TypeAlias = tuple[Value, ...]
"""Alternatives: every value that an expression may have."""


@dataclass(eq=False, slots=True)
class Scope:
    """Names of a module, or of one call of a function, and the state of its execution.

    Between statements `always_executed` implies that `may_have_returned` is unset: after a
    possible return no statement of the scope is executed on every run.
    """

    outer: "Scope | None" = None
    always_executed: bool = True
    """Whether every run executes the current statement."""
    names: dict[str, Values] = field(default_factory=dict)
    declared: dict[str, "Scope"] = field(default_factory=dict)
    """Scopes in which `global` and `nonlocal` bind names instead."""
    functions: list[Function] = field(default_factory=list)
    """Functions that are defined in it, methods of its classes included."""
    returned: list[Value] = field(default_factory=list)
    may_have_returned: bool = False
    """Whether some run has returned before the current statement."""
    in_loop: bool = False
    """Whether the current statement is in the body of a loop."""

    @contextmanager
    def maybe_executed(self, *, unless: bool = False) -> Iterator[None]:
        """Execute code that some runs skip; with `unless`, code that every run executes."""
        before, self.always_executed = self.always_executed, self.always_executed and unless
        yield
        self.always_executed = before and not self.may_have_returned

    def look_up(self, name: str) -> Values | None:
        """Return the values that a name may have; None if nothing binds it."""
        if name in self.names:
            return self.names[name]
        return self.outer.look_up(name) if self.outer else None

    def assign(self, name: str, values: Values) -> None:
        """Bind a name: replace its values if every run does so, else add alternatives."""
        if name in self.declared:
            # The other scope may go on before or after this, so nothing is known for certain.
            names = self.declared[name].names
            names[name] = union(names.get(name, ()), values, (UNKNOWN,))
        elif self.always_executed:
            self.names[name] = values
        else:
            self.names[name] = union(self.names.get(name, ()), values)


def union(*all_values: Values) -> Values:
    """Merge alternatives, without duplicates."""
    # A dict rather than a set: the order of alternatives must not depend on hashes.
    return tuple(dict.fromkeys(value for values in all_values for value in values))


def dicts_in(values: Values) -> Iterator[DictValue]:
    """Yield the alternatives that are dicts."""
    return (value for value in values if isinstance(value, DictValue))


def constant_text(values: Values) -> str | None:
    """Return the string that an expression has on every run; None if there is no such string."""
    match values:
        case (Text(text),):
            return text
    return None

"""What the parts of the reader, each of which needs the others, know of them."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from .abstract_values import Class, Function, FunctionNode, Scope, Value, Values
from .observations import Observations


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a call is given."""

    node: ast.Call
    positional: tuple[Values, ...] = ()
    named: Mapping[str, Values] | None = None
    spread: tuple[Values, ...] = ()
    """What is unpacked with ``**``."""
    vague: bool = False
    """Whether something is unpacked with ``*`` among the positional ones."""

    def __iter__(self) -> Iterator[Value]:
        """Yield all that is handed over."""
        named = (self.named or {}).values()
        return (value for values in (*self.positional, *named, *self.spread) for value in values)

    def get(self, place: int, name: str) -> Values | None:
        """Find an argument, wherever it is given."""
        if place < len(self.positional):
            return self.positional[place]
        return (self.named or {}).get(name)


class Machine(Protocol):
    """Goes through a source piece by piece, as a run of it would."""

    ledger: Observations
    followed: dict[object, Values]
    """What calls returned that were followed already."""
    seen: set[FunctionNode]
    """Functions that were gone through."""
    active: list[FunctionNode]
    """Functions that are being followed."""

    def value(self, node: ast.expr, scope: Scope) -> Values:
        """Evaluate an expression."""
        ...

    def body(self, statements: Sequence[ast.stmt], scope: Scope) -> None:
        """Go through statements."""
        ...

    def follow(self, function: Function, arguments: Arguments, scope: Scope) -> Values:
        """Follow a call into a function of the source."""
        ...

    def construct(self, class_: Class, arguments: Arguments, scope: Scope) -> Values:
        """Follow the making of an object of a class of the source."""
        ...


def consume(node: ast.expr, scope: Scope, machine: Machine) -> None:
    """Evaluate an expression whose value is put to a use that is not followed."""
    machine.ledger.escape(machine.value(node, scope))


def consume_all(node: ast.AST, scope: Scope, machine: Machine) -> None:
    """Do so with every expression that a node is made of."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            consume(child, scope, machine)

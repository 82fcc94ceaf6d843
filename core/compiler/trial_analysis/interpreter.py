"""The interface between the modules of the interpreter, which call each other recursively.

Statements contain expressions, expressions contain calls, and calls execute statements. So the
modules for statements, expressions and calls all take an `Interpreter` as an argument, which
avoids circular imports.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from .abstract_values import Class, Function, FunctionNode, Scope, Value, Values
from .observations import Observations


@dataclass(frozen=True, slots=True)
class CallArguments:
    """The evaluated arguments of a call."""

    node: ast.Call
    positional: tuple[Values, ...] = ()
    named: Mapping[str, Values] | None = None
    unpacked: tuple[Values, ...] = ()
    """Values of the arguments that ``**`` unpacks."""
    has_starred: bool = False
    """Whether ``*`` unpacks some of the arguments, so that positions are unknown."""

    def __iter__(self) -> Iterator[Value]:
        """Yield every value that any argument may have."""
        named = (self.named or {}).values()
        return (value for values in (*self.positional, *named, *self.unpacked) for value in values)

    def get(self, place: int, name: str) -> Values | None:
        """Return the argument at a position or with a name; None if there is no such argument."""
        if place < len(self.positional):
            return self.positional[place]
        return (self.named or {}).get(name)


class Interpreter(Protocol):
    """Executes a source over abstract values, and collects observations."""

    observations: Observations
    call_results: dict[object, Values]
    """Mapping from function, arguments and certainty to the result of a call that was executed.

    Without this mapping, a chain of n functions, each of which calls the next function twice,
    would take 2^n steps.
    """
    executed: set[FunctionNode]
    """Functions whose bodies have been executed at least once."""
    call_stack: list[FunctionNode]
    """Functions whose bodies are being executed, with the outermost call first."""

    def evaluate(self, node: ast.expr, scope: Scope) -> Values:
        """Return the values that an expression may have."""
        ...

    def execute_all(self, statements: Sequence[ast.stmt], scope: Scope) -> None:
        """Execute statements in order."""
        ...

    def call_function(self, function: Function, arguments: CallArguments, scope: Scope) -> Values:
        """Return the values that a call of a function of the source may return."""
        ...

    def call_class(self, class_: Class, arguments: CallArguments, scope: Scope) -> Values:
        """Return the values that a call of a class of the source may return."""
        ...


def escape(node: ast.expr, scope: Scope, interpreter: Interpreter) -> None:
    """Evaluate an expression, and note that its value escapes."""
    interpreter.observations.escape(interpreter.evaluate(node, scope))


def escape_parts(node: ast.AST, scope: Scope, interpreter: Interpreter) -> None:
    """Evaluate every direct subexpression of a node, and let the values escape."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            escape(child, scope, interpreter)

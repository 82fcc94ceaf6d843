"""Read the file that a trial starts, as far as anything is certain of it.

Read a trial's source by its syntax tree; nothing of it is imported or run.
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .abstract_values import Class, Function, FunctionNode, Scope, Values
from .calls import call
from .expressions import evaluate
from .facts import Facts
from .functions import construct, follow, look_into, uncalled
from .imports import UNREADABLE, Locate, api_used_elsewhere
from .interpreter import Arguments
from .observations import Observations, TooIntricateError
from .statements import execute


@dataclass(frozen=True, slots=True)
class Source:
    """A script and what is certain of it."""

    path: Path
    text: str
    facts: Facts


def read_trial(path: Path, locate: Locate) -> Source | None:
    """Read a script; None when it is no Python that can be followed."""
    try:
        text = path.read_text("utf-8-sig")
        tree = ast.parse(text)
    except UNREADABLE:
        return None
    facts = read_source(text, tree, elsewhere=api_used_elsewhere(tree, path, locate))
    return Source(path, text, facts) if facts else None


def read_source(text: str, tree: ast.Module, *, elsewhere: bool = False) -> Facts | None:
    """Tell what is certain of a script that is started; None when it is past following.

    `elsewhere` says whether code that is not in this text may read or report as well.
    """
    ledger = Observations(text)
    machine = _Machine(ledger)
    try:
        machine.run(tree)
    except (TooIntricateError, RecursionError):
        return None
    return ledger.facts(elsewhere=elsewhere)


class _Machine:
    """Ties the parts of the reader together."""

    def __init__(self, ledger: Observations) -> None:
        self.ledger = ledger
        self.followed: dict[object, Values] = {}
        self.seen: set[FunctionNode] = set()
        self.active: list[FunctionNode] = []

    def run(self, tree: ast.Module) -> None:
        """Go through a whole source."""
        module = Scope()
        self.body(tree.body, module)
        look_into(uncalled(module, self), self)
        look_into([*self.ledger.loose.values()], self)

    def value(self, node: ast.expr, scope: Scope) -> Values:
        self.ledger.step()
        return (
            call(node, scope, self) if isinstance(node, ast.Call) else evaluate(node, scope, self)
        )

    def body(self, statements: Sequence[ast.stmt], scope: Scope) -> None:
        for statement in statements:
            self.ledger.step()
            execute(statement, scope, self)
            scope.certain = scope.certain and not scope.left

    def follow(self, function: Function, arguments: Arguments, scope: Scope) -> Values:
        return follow(function, arguments, scope, self)

    def construct(self, class_: Class, arguments: Arguments, scope: Scope) -> Values:
        return construct(class_, arguments, scope, self)

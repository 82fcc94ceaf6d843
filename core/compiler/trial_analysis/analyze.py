"""Analyze the file that a trial starts, and return facts about it."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...plan.trial_files import FindModule
from .abstract_values import Class, Function, FunctionNode, Scope, Values
from .calls import evaluate_call
from .expressions import evaluate_expression
from .facts import Facts
from .functions import call_class, call_function, execute_with_unknown_arguments, uncalled
from .imports import PARSE_ERRORS, api_used_elsewhere
from .interpreter import CallArguments
from .observations import Observations, StepLimitError
from .statements import execute


@dataclass(frozen=True, slots=True)
class AnalyzedSource:
    """A script of the trial, with the facts that the analysis found."""

    path: Path
    text: str
    facts: Facts


def analyze_trial(path: Path, find_module: FindModule) -> AnalyzedSource | None:
    """Analyze a script; return None if it cannot be parsed or takes too many steps."""
    try:
        text = path.read_text("utf-8-sig")
        tree = ast.parse(text)
    except PARSE_ERRORS:
        return None
    elsewhere = api_used_elsewhere(tree, path, find_module)
    facts = analyze_source(text, tree, elsewhere=elsewhere)
    return AnalyzedSource(path, text, facts) if facts else None


def analyze_source(text: str, tree: ast.Module, *, elsewhere: bool = False) -> Facts | None:
    """Return the facts about a script, or None if the analysis takes too many steps.

    `elsewhere` states whether code outside of the text may also use the trial API.
    """
    observations = Observations(text)
    interpreter = _Interpreter(observations)
    try:
        interpreter.run(tree)
    except (StepLimitError, RecursionError):
        return None
    return observations.facts(elsewhere=elsewhere)


class _Interpreter:
    """Implements `Interpreter`: calls the other modules, and holds their shared state."""

    def __init__(self, observations: Observations) -> None:
        self.observations = observations
        self.call_results: dict[object, Values] = {}
        self.executed: set[FunctionNode] = set()
        self.call_stack: list[FunctionNode] = []

    def run(self, tree: ast.Module) -> None:
        """Execute a module, and then all functions that are uncalled or that escaped."""
        module = Scope()
        self.execute_all(tree.body, module)
        execute_with_unknown_arguments(uncalled(module, self), self)
        # Execute escaped functions last, since the functions above may let further functions
        # escape.
        execute_with_unknown_arguments([*self.observations.escaped_functions.values()], self)

    def evaluate(self, node: ast.expr, scope: Scope) -> Values:
        self.observations.count_step()
        if isinstance(node, ast.Call):
            return evaluate_call(node, scope, self)
        return evaluate_expression(node, scope, self)

    def execute_all(self, statements: Sequence[ast.stmt], scope: Scope) -> None:
        for statement in statements:
            self.observations.count_step()
            execute(statement, scope, self)
            scope.always_executed = scope.always_executed and not scope.may_have_returned

    def call_function(self, function: Function, arguments: CallArguments, scope: Scope) -> Values:
        return call_function(function, arguments, scope, self)

    def call_class(self, class_: Class, arguments: CallArguments, scope: Scope) -> Values:
        return call_class(class_, arguments, scope, self)

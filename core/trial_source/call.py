"""Evaluate a call: of the trial API, of a dict's method, of a function of the source, or else."""

import ast

from .imported import call_imported
from .machine import Arguments, Machine
from .tables import call_method
from .values import NUMBER, UNKNOWN, Class, Function, Imported, Scope, Table, Value, Values, union

LOGGING = frozenset({"debug", "info", "warning", "error", "exception", "critical"})
"""Methods of loggers, which show what they are given and do nothing else with it."""


def call(node: ast.Call, scope: Scope, machine: Machine) -> Values:
    """Return all that a call may give."""
    if isinstance(node.func, ast.Attribute):
        holders = machine.value(node.func.value, scope)
        arguments = _arguments(node, scope, machine)
        with scope.doubt(unless=len(holders) == 1):
            found = [_method(h, node.func.attr, arguments, scope, machine) for h in holders]
    else:
        callees = machine.value(node.func, scope)
        arguments = _arguments(node, scope, machine)
        with scope.doubt(unless=len(callees) == 1):
            found = [_invoke(callee, arguments, scope, machine) for callee in callees]
    return union(*found)


def _arguments(node: ast.Call, scope: Scope, machine: Machine) -> Arguments:
    return Arguments(
        node,
        tuple(machine.value(argument, scope) for argument in node.args),
        {kw.arg: machine.value(kw.value, scope) for kw in node.keywords if kw.arg},
        tuple(machine.value(kw.value, scope) for kw in node.keywords if not kw.arg),
        any(isinstance(argument, ast.Starred) for argument in node.args),
    )


def _invoke(callee: Value, arguments: Arguments, scope: Scope, machine: Machine) -> Values:
    match callee:
        case Imported(name):
            return call_imported(name, arguments, scope, machine.ledger)
        case Function():
            return machine.follow(callee, arguments, scope)
        case Class():
            return machine.construct(callee, arguments, scope)
    machine.ledger.escape((callee, *arguments))
    return (UNKNOWN,)


def _method(
    holder: Value, name: str, arguments: Arguments, scope: Scope, machine: Machine
) -> Values:
    match holder:
        case Imported(module):
            return _invoke(Imported(f"{module}.{name}"), arguments, scope, machine)
        case Table(attributes=False):
            return call_method(holder, name, arguments, scope, machine.ledger)
    machine.ledger.escape((holder,))
    if name not in LOGGING:
        machine.ledger.escape(arguments)
    return (NUMBER if name == "item" else UNKNOWN,)

"""Go through statements: what do they give names to, and which of them are sure to be run."""

import ast
from collections.abc import Iterator, Sequence

from .abstract_values import (
    NUMBER,
    UNKNOWN,
    Class,
    DictValue,
    Function,
    Imported,
    Scope,
    Values,
    sole_text,
    tables,
)
from .dicts import merged
from .expressions import hide, names_in
from .facts import APIS, CURRENT_PARAMETER, NEXT_PARAMETER, REPORTERS, is_reporter
from .functions import methods
from .imports import imports
from .interpreter import Machine, consume, consume_all


def execute(statement: ast.stmt, scope: Scope, machine: Machine) -> None:
    """Go through one statement."""
    match statement:
        case ast.Expr(value):
            machine.value(value, scope)
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
            _assign_all(statement, scope, machine)
        case ast.Return(value):
            _return(value, scope, machine)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            _define(statement, scope, machine)
        case ast.Import() | ast.ImportFrom():
            _import(statement, scope, machine)
        case ast.Delete(targets):
            for target in targets:
                _delete(target, scope, machine)
        case ast.Global() | ast.Nonlocal():
            _share(statement, scope)
        case _:
            _compound(statement, scope, machine)


def _compound(statement: ast.stmt, scope: Scope, machine: Machine) -> None:
    match statement:
        case ast.If(test, body, orelse):
            machine.value(test, scope)
            with scope.doubt(unless=_is_main(test)):
                machine.body(body, scope)
            with scope.doubt():
                machine.body(orelse, scope)
        case ast.For(target, iterated, body) | ast.AsyncFor(target, iterated, body):
            consume(iterated, scope, machine)
            hide(names_in(target), scope)
            _loop([*body, *statement.orelse], scope, machine)
        case ast.While(test, body, orelse):
            machine.value(test, scope)
            _loop([*body, *orelse], scope, machine)
        case ast.With(items, body) | ast.AsyncWith(items, body):
            _with(items, body, scope, machine)
        case ast.Try() | ast.TryStar():
            _try(statement, scope, machine)
        case ast.Match(subject, cases):
            consume(subject, scope, machine)
            for case in cases:
                _case(case, scope, machine)
        case _:
            consume_all(statement, scope, machine)


def _assign_all(
    statement: ast.Assign | ast.AnnAssign | ast.AugAssign, scope: Scope, machine: Machine
) -> None:
    match statement:
        case ast.Assign(targets, value):
            for target in targets:
                _assign(target, value, scope, machine)
        case ast.AnnAssign(target, value=ast.expr() as value):
            _assign(target, value, scope, machine)
        case ast.AugAssign():
            _augment(statement, scope, machine)


def _assign(target: ast.expr, value: ast.expr, scope: Scope, machine: Machine) -> None:
    match target, value:
        case (
            (ast.Tuple(targets) | ast.List(targets)),
            (ast.Tuple(values) | ast.List(values)),
        ) if _pair_up(targets, values):
            for inner, part in zip(targets, values, strict=True):
                _assign(inner, part, scope, machine)
        case _:
            _put(target, machine.value(value, scope), scope, machine)


def _pair_up(targets: Sequence[ast.expr], values: Sequence[ast.expr]) -> bool:
    starred = any(isinstance(node, ast.Starred) for node in (*targets, *values))
    return len(targets) == len(values) and not starred


def _put(target: ast.expr, values: Values, scope: Scope, machine: Machine) -> None:
    match target:
        case ast.Name(name):
            scope.assign(name, values)
            return
        case ast.Subscript(holder, key):
            text = sole_text(machine.value(key, scope))
            for table in tables(machine.value(holder, scope)):
                _give(table, text)
        case ast.Attribute(holder, name):
            for table in tables(machine.value(holder, scope)):
                _give(table, name)
        case _:
            hide(names_in(target), scope)
    machine.ledger.escape(values)


def _give(table: DictValue, key: str | None) -> None:
    """Let the script give a key of a table a value."""
    if key is None:
        table.anything = True
    else:
        table.keys.add(key)


def _augment(statement: ast.AugAssign, scope: Scope, machine: Machine) -> None:
    values = machine.value(statement.value, scope)
    before = machine.value(statement.target, scope)
    match statement.target, statement.op:
        case ast.Name(name), ast.BitOr() if any(tables((*before, *values))):
            scope.assign(name, (merged([before, values], machine.ledger),))
        case ast.Name(name), _:
            machine.ledger.escape((*before, *values))
            numeric = isinstance(statement.op, ast.Mult | ast.Div) or NUMBER in (*before, *values)
            scope.assign(name, (NUMBER if numeric else UNKNOWN,))
        case _:
            _put(statement.target, (*before, *values), scope, machine)


def _return(value: ast.expr | None, scope: Scope, machine: Machine) -> None:
    scope.returned += machine.value(value, scope) if value else (UNKNOWN,)
    scope.left = True


def _define(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, scope: Scope, machine: Machine
) -> None:
    for decorator in node.decorator_list:
        machine.value(decorator, scope)
    if isinstance(node, ast.ClassDef):
        scope.assign(node.name, (Class(node, scope),))
        scope.functions += [Function(method, scope) for method in methods(node)]
        inside = Scope(scope, certain=scope.certain)
        known = methods(node)
        machine.body([part for part in node.body if part not in known], inside)
    else:
        function = Function(node, scope)
        scope.assign(node.name, (function,))
        scope.functions.append(function)


def _import(statement: ast.Import | ast.ImportFrom, scope: Scope, machine: Machine) -> None:
    if any(map(is_reporter, imports(statement))):
        machine.ledger.report_out_of_sight()
    for name, dotted in _imported(statement):
        scope.assign(name, (Imported(dotted),))


def _imported(statement: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """Yield each name that is bound, and what it is."""
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            top = alias.name.partition(".")[0]
            yield (alias.asname, alias.name) if alias.asname else (top, top)
        return
    module = "." * statement.level + (statement.module or "")
    for alias in statement.names:
        if alias.name != "*":
            yield alias.asname or alias.name, f"{module}.{alias.name}"
        elif module in APIS:
            for name in (NEXT_PARAMETER, CURRENT_PARAMETER, *REPORTERS):
                yield name, f"{module}.{name}"


def _share(statement: ast.Global | ast.Nonlocal, scope: Scope) -> None:
    """Let names be those of the module, or of the function around."""
    owner = scope.outer or scope
    while isinstance(statement, ast.Global) and owner.outer:
        owner = owner.outer
    scope.shared |= dict.fromkeys(statement.names, owner)


def _delete(target: ast.expr, scope: Scope, machine: Machine) -> None:
    match target:
        case ast.Name(name):
            scope.assign(name, (UNKNOWN,))
        case _:
            with scope.doubt():
                machine.value(target, scope)


def _is_main(test: ast.expr) -> bool:
    """Recognise the test of whether the source is what was started, which it is."""
    match test:
        case ast.Compare(ast.Name("__name__"), [ast.Eq()], [ast.Constant("__main__")]):
            return True
    return False


def _loop(body: Sequence[ast.stmt], scope: Scope, machine: Machine) -> None:
    """Go through a body once more than once, for what one round leaves to the next."""
    outermost, scope.looping = not scope.looping, True
    with scope.doubt():
        machine.body(body, scope)
        if outermost:
            machine.body(body, scope)
    scope.looping = not outermost


def _with(
    items: Sequence[ast.withitem], body: Sequence[ast.stmt], scope: Scope, machine: Machine
) -> None:
    for item in items:
        consume(item.context_expr, scope, machine)
        hide(names_in(item.optional_vars) if item.optional_vars else (), scope)
    suppressed = any("suppress" in ast.dump(item.context_expr) for item in items)
    with scope.doubt(unless=not suppressed):
        machine.body(body, scope)


def _try(statement: ast.Try | ast.TryStar, scope: Scope, machine: Machine) -> None:
    with scope.doubt(unless=not any(map(_survives, statement.handlers))):
        machine.body(statement.body, scope)
    with scope.doubt():
        for handler in statement.handlers:
            hide([handler.name] if handler.name else [], scope)
            machine.body(handler.body, scope)
        machine.body(statement.orelse, scope)
    machine.body(statement.finalbody, scope)


def _survives(handler: ast.ExceptHandler) -> bool:
    """Tell whether a run may go on after a key was not there."""
    match handler.body[-1]:
        case ast.Raise() | ast.Expr(ast.Call(ast.Attribute(attr="exit" | "_exit"))):
            return False
    names = (getattr(node, "id", None) for node in ast.walk(handler.type or handler))
    return handler.type is None or not set(filter(None, names)) <= _UNRELATED


_UNRELATED = frozenset(
    {
        "EOFError",
        "FileNotFoundError",
        "ImportError",
        "KeyboardInterrupt",
        "ModuleNotFoundError",
        "OSError",
        "RuntimeError",
        "SystemExit",
        "ValueError",
    }
)
"""Exceptions that a missing key does not raise."""


def _case(case: ast.match_case, scope: Scope, machine: Machine) -> None:
    with scope.doubt():
        hide(names_in(case.pattern), scope)
        if case.guard:
            machine.value(case.guard, scope)
        machine.body(case.body, scope)

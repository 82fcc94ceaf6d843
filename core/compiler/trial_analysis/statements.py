"""Execute statements: bind names, and keep track of which statements every run executes.

Exceptions are not followed. A run that raises an exception fails, unless a handler catches the
exception and continues. So code after a `raise` still counts as executed on every run that does
not fail, and the body of a `try` is uncertain only if a handler may continue.
"""

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
    constant_text,
    dicts_in,
)
from .dicts import merged_dict
from .expressions import bind_unknown, names_in
from .facts import APIS, CURRENT_PARAMETER, NEXT_PARAMETER, REPORTERS, is_reporter
from .functions import methods
from .imports import imports
from .interpreter import Interpreter, escape, escape_parts


def execute(statement: ast.stmt, scope: Scope, interpreter: Interpreter) -> None:
    """Execute one statement."""
    match statement:
        case ast.Expr(value):
            interpreter.evaluate(value, scope)
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
            _assign_all(statement, scope, interpreter)
        case ast.Return(value):
            scope.returned += interpreter.evaluate(value, scope) if value else (UNKNOWN,)
            scope.may_have_returned = True
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            _define(statement, scope, interpreter)
        case ast.Import() | ast.ImportFrom():
            _import(statement, scope, interpreter)
        case ast.Delete(targets):
            for target in targets:
                _delete(target, scope, interpreter)
        case ast.Global() | ast.Nonlocal():
            _declare(statement, scope)
        case _:
            _compound(statement, scope, interpreter)


def _compound(statement: ast.stmt, scope: Scope, interpreter: Interpreter) -> None:
    match statement:
        case ast.If(test, body, orelse):
            interpreter.evaluate(test, scope)
            # The trial starts this file as a script, so `__name__ == "__main__"` is true.
            with scope.maybe_executed(unless=_is_main(test)):
                interpreter.execute_all(body, scope)
            with scope.maybe_executed():
                interpreter.execute_all(orelse, scope)
        case ast.For(target, iterated, body) | ast.AsyncFor(target, iterated, body):
            # Iterating over a dict may read any key, and the values of loop variables are not
            # tracked.
            escape(iterated, scope, interpreter)
            bind_unknown(names_in(target), scope)
            _loop([*body, *statement.orelse], scope, interpreter)
        case ast.While(test, body, orelse):
            interpreter.evaluate(test, scope)
            _loop([*body, *orelse], scope, interpreter)
        case ast.With(items, body) | ast.AsyncWith(items, body):
            _with(items, body, scope, interpreter)
        case ast.Try() | ast.TryStar():
            _try(statement, scope, interpreter)
        case ast.Match(subject, cases):
            # A pattern may read any key. Mapping patterns are not modelled, since trials rarely
            # use them.
            escape(subject, scope, interpreter)
            for case in cases:
                _case(case, scope, interpreter)
        case _:
            escape_parts(statement, scope, interpreter)


def _assign_all(
    statement: ast.Assign | ast.AnnAssign | ast.AugAssign, scope: Scope, interpreter: Interpreter
) -> None:
    match statement:
        case ast.Assign(targets, value):
            for target in targets:
                _assign(target, value, scope, interpreter)
        case ast.AnnAssign(target, value=ast.expr() as value):
            _assign(target, value, scope, interpreter)
        case ast.AugAssign():
            _augment(statement, scope, interpreter)


def _assign(target: ast.expr, value: ast.expr, scope: Scope, interpreter: Interpreter) -> None:
    match target, value:
        # A statement such as `a, b = p["x"], p` binds each name to its own value.
        case (
            (ast.Tuple(targets) | ast.List(targets)),
            (ast.Tuple(values) | ast.List(values)),
        ) if _pair_up(targets, values):
            for inner, part in zip(targets, values, strict=True):
                _assign(inner, part, scope, interpreter)
        case _:
            _assign_values(target, interpreter.evaluate(value, scope), scope, interpreter)


def _pair_up(targets: Sequence[ast.expr], values: Sequence[ast.expr]) -> bool:
    starred = any(isinstance(node, ast.Starred) for node in (*targets, *values))
    return len(targets) == len(values) and not starred


def _assign_values(
    target: ast.expr, values: Values, scope: Scope, interpreter: Interpreter
) -> None:
    match target:
        case ast.Name(name):
            scope.assign(name, values)
            return
        case ast.Subscript(holder, key):
            # Values inside dicts and other containers are not tracked, so a value that is stored
            # in one escapes below.
            text = constant_text(interpreter.evaluate(key, scope))
            for mapping in dicts_in(interpreter.evaluate(holder, scope)):
                _set_key(mapping, text)
        case ast.Attribute(holder, name):
            for mapping in dicts_in(interpreter.evaluate(holder, scope)):
                _set_key(mapping, name)
        case _:
            bind_unknown(names_in(target), scope)
    interpreter.observations.escape(values)


def _set_key(mapping: DictValue, key: str | None) -> None:
    """Note that the script sets a key of a dict; None means that the key is unknown."""
    if key is None:
        mapping.any_own_key = True
    else:
        mapping.own_keys.add(key)


def _augment(statement: ast.AugAssign, scope: Scope, interpreter: Interpreter) -> None:
    values = interpreter.evaluate(statement.value, scope)
    before = interpreter.evaluate(statement.target, scope)
    match statement.target, statement.op:
        # Only `|=` merges dicts. Every other operator may pass both operands to unknown code.
        case ast.Name(name), ast.BitOr() if any(dicts_in((*before, *values))):
            scope.assign(name, (merged_dict([before, values], interpreter.observations),))
        case ast.Name(name), _:
            interpreter.observations.escape((*before, *values))
            numeric = isinstance(statement.op, ast.Mult | ast.Div) or NUMBER in (*before, *values)
            scope.assign(name, (NUMBER if numeric else UNKNOWN,))
        case _:
            _assign_values(statement.target, (*before, *values), scope, interpreter)


def _define(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
    scope: Scope,
    interpreter: Interpreter,
) -> None:
    # The name of a decorated function stays bound to the function itself, but `call_function` does
    # not execute its calls.
    for decorator in node.decorator_list:
        interpreter.evaluate(decorator, scope)
    if isinstance(node, ast.ClassDef):
        scope.assign(node.name, (Class(node, scope),))
        scope.functions += [Function(method, scope) for method in methods(node)]
        # The body of a class runs immediately, in a scope that is not visible in its methods.
        inside = Scope(scope, always_executed=scope.always_executed)
        known = methods(node)
        interpreter.execute_all([part for part in node.body if part not in known], inside)
    else:
        function = Function(node, scope)
        scope.assign(node.name, (function,))
        scope.functions.append(function)


def _import(
    statement: ast.Import | ast.ImportFrom, scope: Scope, interpreter: Interpreter
) -> None:
    # The metrics that a reporter sends depend on the framework that calls it.
    if any(map(is_reporter, imports(statement))):
        interpreter.observations.report_anything()
    for name, dotted in _imported(statement):
        scope.assign(name, (Imported(dotted),))


def _imported(statement: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """Yield each name that an import binds, with the dotted name of the imported object."""
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


def _declare(statement: ast.Global | ast.Nonlocal, scope: Scope) -> None:
    """Record that names refer to the scope of the module or of the enclosing function."""
    owner = scope.outer or scope
    while isinstance(statement, ast.Global) and owner.outer:
        owner = owner.outer
    scope.declared |= dict.fromkeys(statement.names, owner)


def _delete(target: ast.expr, scope: Scope, interpreter: Interpreter) -> None:
    match target:
        case ast.Name(name):
            scope.assign(name, (UNKNOWN,))
        case _:
            # `del p["lr"]` fails if the key is missing, but it does not use the value, so it is
            # not a required read.
            with scope.maybe_executed():
                interpreter.evaluate(target, scope)


def _is_main(test: ast.expr) -> bool:
    """Recognise ``__name__ == "__main__"``, which is true in a file that a trial starts."""
    match test:
        case ast.Compare(ast.Name("__name__"), [ast.Eq()], [ast.Constant("__main__")]):
            return True
    return False


def _loop(body: Sequence[ast.stmt], scope: Scope, interpreter: Interpreter) -> None:
    """Execute the body of a loop twice, so that facts established in one iteration reach the next.

    Only the body of the outermost loop is executed twice. Otherwise the innermost body of n nested
    loops would be executed 2^n times.
    """
    # The second execution sees the values that the first execution assigned, since weak updates
    # keep them as alternatives.
    outermost, scope.in_loop = not scope.in_loop, True
    with scope.maybe_executed():
        interpreter.execute_all(body, scope)
        if outermost:
            interpreter.execute_all(body, scope)
    scope.in_loop = not outermost


def _with(
    items: Sequence[ast.withitem], body: Sequence[ast.stmt], scope: Scope, interpreter: Interpreter
) -> None:
    for item in items:
        escape(item.context_expr, scope, interpreter)
        bind_unknown(names_in(item.optional_vars) if item.optional_vars else (), scope)
    # `contextlib.suppress` acts like an exception handler that continues.
    suppressed = any("suppress" in ast.dump(item.context_expr) for item in items)
    with scope.maybe_executed(unless=not suppressed):
        interpreter.execute_all(body, scope)


def _try(statement: ast.Try | ast.TryStar, scope: Scope, interpreter: Interpreter) -> None:
    # If no handler continues, a run that skips a part of the body fails, so the body counts as
    # executed on every run.
    with scope.maybe_executed(unless=not any(map(_may_continue, statement.handlers))):
        interpreter.execute_all(statement.body, scope)
    with scope.maybe_executed():
        for handler in statement.handlers:
            bind_unknown([handler.name] if handler.name else [], scope)
            interpreter.execute_all(handler.body, scope)
        interpreter.execute_all(statement.orelse, scope)
    interpreter.execute_all(statement.finalbody, scope)


def _may_continue(handler: ast.ExceptHandler) -> bool:
    """Tell whether a run may continue after a handler caught the `KeyError` of a missing key."""
    match handler.body[-1]:
        case ast.Raise() | ast.Expr(ast.Call(ast.Attribute(attr="exit" | "_exit"))):
            return False
    names = (getattr(node, "id", None) for node in ast.walk(handler.type or handler))
    return handler.type is None or not set(filter(None, names)) <= _UNRELATED


_UNRELATED = {
    *("EOFError", "FileNotFoundError", "ImportError", "KeyboardInterrupt", "ModuleNotFoundError"),
    *("OSError", "RuntimeError", "SystemExit", "ValueError"),
}
"""Exceptions whose handlers do not catch a `KeyError`."""


def _case(case: ast.match_case, scope: Scope, interpreter: Interpreter) -> None:
    with scope.maybe_executed():
        bind_unknown(names_in(case.pattern), scope)
        if case.guard:
            interpreter.evaluate(case.guard, scope)
        interpreter.execute_all(case.body, scope)

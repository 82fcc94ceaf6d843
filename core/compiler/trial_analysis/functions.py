"""Execute calls of functions and classes that the source defines.

The body of a function is executed once for each combination of arguments and certainty, where
certainty means whether every run executes the call. Functions that are never called, or that
escape, are executed with unknown arguments, since other code may call them.
"""

import ast
from collections.abc import Iterator, Sequence

from .abstract_values import (
    UNKNOWN,
    Class,
    DictValue,
    Function,
    FunctionNode,
    Scope,
    Values,
    union,
)
from .interpreter import CallArguments, Interpreter

MAX_CALL_DEPTH = 20
"""Largest depth of calls that are executed; the arguments of deeper calls escape.

Without this limit, Python's recursion limit could end the analysis of the whole source.
"""
_RECORDS = ("dataclass", "NamedTuple", "TypedDict")
"""A decorator and base classes that turn the annotated fields of a class into its parameters."""


def call_function(
    function: Function, arguments: CallArguments, scope: Scope, interpreter: Interpreter
) -> Values:
    """Return the values that a call of a function may return."""
    node = function.node
    # A decorator may replace the function, and executing a recursive call would not terminate.
    opaque = node.decorator_list or arguments.has_starred or node in interpreter.call_stack
    if opaque or len(interpreter.call_stack) >= MAX_CALL_DEPTH:
        interpreter.observations.escape((function, *arguments))
        return (UNKNOWN,)
    call = (node, scope.always_executed, tuple(_call_key(arguments)))
    if call not in interpreter.call_results:
        interpreter.call_results[call] = _execute_call(function, arguments, scope, interpreter)
    return interpreter.call_results[call]


def call_class(
    class_: Class, arguments: CallArguments, scope: Scope, interpreter: Interpreter
) -> Values:
    """Execute a call of a class; the object that it creates is unknown, as are its attributes."""
    node = class_.node
    makers = [part for part in methods(node) if part.name in ("__init__", "__new__")]
    if _is_record(node):
        _bind_fields(node, arguments, scope, interpreter)
    elif [maker.name for maker in makers] == ["__init__"] and not node.decorator_list:
        bound = CallArguments(
            arguments.node,
            ((UNKNOWN,), *arguments.positional),
            arguments.named,
            arguments.unpacked,
            arguments.has_starred,
        )
        call_function(Function(makers[0], class_.scope), bound, scope, interpreter)
    else:
        interpreter.observations.escape(arguments)
    return (UNKNOWN,)


def methods(node: ast.ClassDef) -> list[FunctionNode]:
    """List the methods that a class itself defines."""
    return [p for p in node.body if isinstance(p, ast.FunctionDef | ast.AsyncFunctionDef)]


def execute_with_unknown_arguments(functions: list[Function], interpreter: Interpreter) -> None:
    """Execute functions that unknown code may call; some runs may not execute them."""
    for function in functions:
        # A function on the stack is already being executed, with arguments that are better known.
        if function.node not in interpreter.call_stack:
            inner = Scope(function.scope, always_executed=False)
            inner.names = dict.fromkeys(_names(function.node.args), (UNKNOWN,))
            _execute_body(function.node, inner, interpreter)


def uncalled(scope: Scope, interpreter: Interpreter) -> list[Function]:
    """List the functions of a scope that no executed code calls."""
    return [function for function in scope.functions if function.node not in interpreter.executed]


def _execute_call(
    function: Function, arguments: CallArguments, scope: Scope, interpreter: Interpreter
) -> Values:
    node = function.node
    # The body is as certain as the call, unless the body runs later or never.
    inner = Scope(function.scope, always_executed=scope.always_executed and not _is_deferred(node))
    _ParameterBinding(function, arguments, scope, interpreter).bind(inner)
    _execute_body(node, inner, interpreter)
    # A function without a `return` at its end may return None.
    ends = () if isinstance(node.body[-1], ast.Return) else (UNKNOWN,)
    return union(tuple(inner.returned), ends)


def _execute_body(node: FunctionNode, inner: Scope, interpreter: Interpreter) -> None:
    interpreter.executed.add(node)
    interpreter.call_stack.append(node)
    interpreter.execute_all(node.body, inner)
    # Local functions may have been stored or returned, so that other code can call them.
    execute_with_unknown_arguments(uncalled(inner, interpreter), interpreter)
    interpreter.call_stack.pop()


class _ParameterBinding:
    """Binds the parameters of a function to the arguments of a call."""

    def __init__(
        self, function: Function, arguments: CallArguments, scope: Scope, interpreter: Interpreter
    ) -> None:
        self._function = function
        self._parameters = function.node.args
        self._arguments = arguments
        self._scope = scope
        self._interpreter = interpreter

    def bind(self, inner: Scope) -> None:
        """Bind each parameter to its argument or its default.

        Arguments may be given by position, by name, or by unpacking a dict with ``**``.
        """
        inner.names = dict.fromkeys(_names(self._parameters), (UNKNOWN,))
        given = {**self._positional(), **self._named()}
        inner.names |= given
        for name, default in self._defaults():
            if name not in given:
                # Python evaluates defaults in the scope in which the function is defined.
                inner.names[name] = self._interpreter.evaluate(default, self._function.scope)
        for name, values in self._unpacked(set(given)):
            inner.names[name] = values

    def _positional(self) -> dict[str, Values]:
        parameters = [*self._parameters.posonlyargs, *self._parameters.args]
        given = self._arguments.positional
        # Further arguments are collected in `*args`, which is not tracked.
        for values in given[len(parameters) :]:
            self._interpreter.observations.escape(values)
        return {p.arg: values for p, values in zip(parameters, given, strict=False)}

    def _named(self) -> dict[str, Values]:
        known = {parameter.arg for parameter in self._nameable()}
        named = self._arguments.named or {}
        # Further arguments are collected in `**kwargs`, or are an error of the script.
        for name in named.keys() - known:
            self._interpreter.observations.escape(named[name])
        return {name: values for name, values in named.items() if name in known}

    def _nameable(self) -> list[ast.arg]:
        return [*self._parameters.args, *self._parameters.kwonlyargs]

    def _defaults(self) -> Iterator[tuple[str, ast.expr]]:
        parameters = [*self._parameters.posonlyargs, *self._parameters.args]
        by_place = zip(reversed(parameters), reversed(self._parameters.defaults), strict=False)
        by_name = zip(self._parameters.kwonlyargs, self._parameters.kw_defaults, strict=True)
        for parameter, default in (*by_place, *by_name):
            if default is not None:
                yield parameter.arg, default

    def _unpacked(self, given: set[str]) -> Iterator[tuple[str, Values]]:
        defaulted = {name for name, _ in self._defaults()}
        open_ = [p for p in self._nameable() if p.arg not in given]
        fields = [(p.arg, p, p.arg not in defaulted) for p in open_]
        rest = self._parameters.kwarg is not None
        yield from _unpack(self._arguments, fields, self._scope, self._interpreter, rest=rest)


def _unpack(
    arguments: CallArguments,
    fields: Sequence[tuple[str, ast.AST, bool]],
    scope: Scope,
    interpreter: Interpreter,
    *,
    rest: bool,
) -> Iterator[tuple[str, Values]]:
    """Read fields from the dicts that ``**`` unpacks, and yield the values of each field.

    A field is a triple: its name, its node, and whether it has no default. `rest` states whether
    the callee also takes further keys, as ``**options``, so that any key may be read.
    """
    # If there are several dicts or several alternatives, a key may be missing from each of them,
    # so no read is required.
    sole = len(arguments.unpacked) == 1 and len(arguments.unpacked[0]) == 1
    for mapping in [value for values in arguments.unpacked for value in values]:
        if not isinstance(mapping, DictValue) or rest:
            interpreter.observations.escape((mapping,))
        if isinstance(mapping, DictValue):
            for name, node, lacks_default in fields:
                required = lacks_default and sole and scope.always_executed
                values = interpreter.observations.read(mapping, name, node, required=required)
                yield name, values


def _bind_fields(
    node: ast.ClassDef, arguments: CallArguments, scope: Scope, interpreter: Interpreter
) -> None:
    """Execute a call of a record class, whose arguments become the fields of the record.

    Arguments may be given by position, by name, or by unpacking a dict with ``**``.
    """
    interpreter.observations.escape(v for values in arguments.positional for v in values)
    interpreter.observations.escape(
        v for values in (arguments.named or {}).values() for v in values
    )
    given = set(arguments.named or {})
    fields = [
        (part.target.id, part.target, part.value is None)
        for part in node.body
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
    ]
    fields = fields[len(arguments.positional) :]
    open_ = [field for field in fields if field[0] not in given]
    # The attributes of objects are not tracked, so values that become fields escape.
    for _, values in _unpack(arguments, open_, scope, interpreter, rest=False):
        interpreter.observations.escape(values)


def _is_record(node: ast.ClassDef) -> bool:
    """Tell whether the parameters of a class are exactly the annotated fields in its body."""
    # Another decorator or base class may add parameters, or change the arguments of `__init__`.
    made_by = [_last_name(decorator) for decorator in node.decorator_list]
    bases = [_last_name(base) for base in node.bases]
    if made_by:
        return made_by == ["dataclass"] and not bases
    return len(bases) == 1 and bases[0] in _RECORDS


def _last_name(node: ast.expr) -> str:
    match node:
        case ast.Call(func=function):
            return _last_name(function)
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def _call_key(arguments: CallArguments) -> Iterator[tuple[int | str, Values]]:
    """Yield the arguments in a form that distinguishes different calls of a function."""
    yield from enumerate(arguments.positional)
    yield from (arguments.named or {}).items()
    yield from enumerate(arguments.unpacked, -len(arguments.unpacked))


def _is_deferred(node: FunctionNode) -> bool:
    """Tell whether a call only creates a coroutine or generator, whose body may never run."""
    if isinstance(node, ast.AsyncFunctionDef):
        return True
    return any(isinstance(part, ast.Yield | ast.YieldFrom) for part in ast.walk(node))


def _names(parameters: ast.arguments) -> list[str]:
    return [node.arg for node in ast.walk(parameters) if isinstance(node, ast.arg)]

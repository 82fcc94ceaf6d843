"""Execute calls of the source's own functions and classes.

A body is executed once for each distinct combination of arguments and certainty. Functions that
are never called, or that escape, are executed with unknown arguments, since other code may call
them.
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
"""Depth of calls that are executed; arguments of deeper calls escape.

Python's own recursion limit would otherwise end the analysis of the whole source.
"""
_RECORDS = ("dataclass", "NamedTuple", "TypedDict")
"""Decorator and base classes that make a class's annotated fields its parameters."""


def call_function(
    function: Function, arguments: CallArguments, scope: Scope, interpreter: Interpreter
) -> Values:
    """Return the values that a call of a function may have."""
    node = function.node
    # A decorator may replace the function, and a recursive call would never end.
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
    """Execute the making of an object; the object itself is unknown, attributes included."""
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
    """List the methods that a class defines."""
    return [p for p in node.body if isinstance(p, ast.FunctionDef | ast.AsyncFunctionDef)]


def execute_with_unknown_arguments(functions: list[Function], interpreter: Interpreter) -> None:
    """Execute functions that unknown code may call, as code that some runs skip."""
    for function in functions:
        # A function on the stack is being executed already, with better known arguments.
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
    # A call is as certain as its caller, unless the body runs later or never.
    inner = Scope(function.scope, always_executed=scope.always_executed and not _is_deferred(node))
    _ParameterBinding(function, arguments, scope, interpreter).bind(inner)
    _execute_body(node, inner, interpreter)
    # Without a `return` at its end a function may return None.
    ends = () if isinstance(node.body[-1], ast.Return) else (UNKNOWN,)
    return union(tuple(inner.returned), ends)


def _execute_body(node: FunctionNode, inner: Scope, interpreter: Interpreter) -> None:
    interpreter.executed.add(node)
    interpreter.call_stack.append(node)
    interpreter.execute_all(node.body, inner)
    # Local functions may have been stored or returned, for others to call.
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
        """Bind arguments given by place, by name and by unpacking, and defaults for the rest."""
        inner.names = dict.fromkeys(_names(self._parameters), (UNKNOWN,))
        given = {**self._positional(), **self._named()}
        inner.names |= given
        for name, default in self._defaults():
            if name not in given:
                # Python evaluates defaults in the scope that defines the function.
                inner.names[name] = self._interpreter.evaluate(default, self._function.scope)
        for name, values in self._unpacked(set(given)):
            inner.names[name] = values

    def _positional(self) -> dict[str, Values]:
        parameters = [*self._parameters.posonlyargs, *self._parameters.args]
        given = self._arguments.positional
        # The rest goes into `*args`, which is not tracked.
        for values in given[len(parameters) :]:
            self._interpreter.observations.escape(values)
        return {p.arg: values for p, values in zip(parameters, given, strict=False)}

    def _named(self) -> dict[str, Values]:
        known = {parameter.arg for parameter in self._nameable()}
        named = self._arguments.named or {}
        # The rest goes into `**kwargs`, or is an error of the script.
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
    """Read fields, each with its node and whether it lacks a default, from what `**` unpacks.

    With `rest` the callee takes further keys too, as ``**options``, so that any key is read.
    """
    # Of several dicts, or alternatives of one, each may have what the others lack.
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
    """Bind the fields of a record, by place, by name and by unpacking."""
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
    # Attributes of objects are not tracked, so values that become fields escape.
    for _, values in _unpack(arguments, open_, scope, interpreter, rest=False):
        interpreter.observations.escape(values)


def _is_record(node: ast.ClassDef) -> bool:
    """Tell whether the annotated fields in a class's own body are all of its parameters."""
    # Another decorator or base class may add parameters, or change what `__init__` takes.
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
    """Yield the arguments as a key that tells calls apart."""
    yield from enumerate(arguments.positional)
    yield from (arguments.named or {}).items()
    yield from enumerate(arguments.unpacked, -len(arguments.unpacked))


def _is_deferred(node: FunctionNode) -> bool:
    """Tell whether a call only makes a coroutine or generator, whose body may never run."""
    if isinstance(node, ast.AsyncFunctionDef):
        return True
    return any(isinstance(part, ast.Yield | ast.YieldFrom) for part in ast.walk(node))


def _names(parameters: ast.arguments) -> list[str]:
    return [node.arg for node in ast.walk(parameters) if isinstance(node, ast.arg)]

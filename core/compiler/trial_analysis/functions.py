"""Follow calls into the source's own functions and classes, and look into those never called."""

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
from .interpreter import Arguments, Machine

_DEEPEST = 20
"""Calls within calls that are followed."""
_RECORDS = ("dataclass", "NamedTuple", "TypedDict")
"""What makes a class one whose fields are the parameters of its making."""


def follow(function: Function, arguments: Arguments, scope: Scope, machine: Machine) -> Values:
    """Return what a function gives for these arguments."""
    node = function.node
    followable = not (node.decorator_list or arguments.vague or node in machine.active)
    if not followable or len(machine.active) >= _DEEPEST:
        machine.ledger.escape((function, *arguments))
        return (UNKNOWN,)
    call = (node, scope.certain, tuple(_signature(arguments)))
    if call not in machine.followed:
        machine.followed[call] = _run(function, arguments, scope, machine)
    return machine.followed[call]


def construct(class_: Class, arguments: Arguments, scope: Scope, machine: Machine) -> Values:
    """Follow the making of an object; all that is kept in it slips out of sight."""
    node = class_.node
    makers = [part for part in methods(node) if part.name in ("__init__", "__new__")]
    if _is_record(node):
        _fill(node, arguments, scope, machine)
    elif [maker.name for maker in makers] == ["__init__"] and not node.decorator_list:
        bound = Arguments(
            arguments.node,
            ((UNKNOWN,), *arguments.positional),
            arguments.named,
            arguments.spread,
            arguments.vague,
        )
        follow(Function(makers[0], class_.scope), bound, scope, machine)
    else:
        machine.ledger.escape(arguments)
    return (UNKNOWN,)


def methods(node: ast.ClassDef) -> list[FunctionNode]:
    """List the functions that a class defines."""
    return [p for p in node.body if isinstance(p, ast.FunctionDef | ast.AsyncFunctionDef)]


def look_into(functions: list[Function], machine: Machine) -> None:
    """Go through functions that others may call, with whatever they have."""
    for function in functions:
        if function.node not in machine.active:
            inner = Scope(function.scope, certain=False)
            inner.names = dict.fromkeys(_names(function.node.args), (UNKNOWN,))
            _go_through(function.node, inner, machine)


def uncalled(scope: Scope, machine: Machine) -> list[Function]:
    """List what a scope defines that nothing was seen to call."""
    return [function for function in scope.functions if function.node not in machine.seen]


def _run(function: Function, arguments: Arguments, scope: Scope, machine: Machine) -> Values:
    node = function.node
    inner = Scope(function.scope, certain=scope.certain and not _is_deferred(node))
    _Binding(function, arguments, scope, machine).bind(inner)
    _go_through(node, inner, machine)
    ends = () if isinstance(node.body[-1], ast.Return) else (UNKNOWN,)
    return union(tuple(inner.returned), ends)


def _go_through(node: FunctionNode, inner: Scope, machine: Machine) -> None:
    machine.seen.add(node)
    machine.active.append(node)
    machine.body(node.body, inner)
    look_into(uncalled(inner, machine), machine)
    machine.active.pop()


class _Binding:
    """Gives the parameters of a function their values."""

    def __init__(
        self, function: Function, arguments: Arguments, scope: Scope, machine: Machine
    ) -> None:
        self._function = function
        self._parameters = function.node.args
        self._arguments = arguments
        self._scope = scope
        self._machine = machine

    def bind(self, inner: Scope) -> None:
        """Bind what is given by place, by name and by unpacking, then the defaults."""
        inner.names = dict.fromkeys(_names(self._parameters), (UNKNOWN,))
        given = {**self._by_place(), **self._by_name()}
        inner.names |= given
        for name, default in self._defaults():
            if name not in given:
                inner.names[name] = self._machine.value(default, self._function.scope)
        for name, values in self._unpacked(set(given)):
            inner.names[name] = values

    def _by_place(self) -> dict[str, Values]:
        parameters = [*self._parameters.posonlyargs, *self._parameters.args]
        given = self._arguments.positional
        for values in given[len(parameters) :]:
            self._machine.ledger.escape(values)
        return {p.arg: values for p, values in zip(parameters, given, strict=False)}

    def _by_name(self) -> dict[str, Values]:
        known = {parameter.arg for parameter in self._nameable()}
        named = self._arguments.named or {}
        for name in named.keys() - known:
            self._machine.ledger.escape(named[name])
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
        yield from _unpack(self._arguments, fields, self._scope, self._machine, rest=rest)


def _unpack(
    arguments: Arguments,
    fields: Sequence[tuple[str, ast.AST, bool]],
    scope: Scope,
    machine: Machine,
    *,
    rest: bool,
) -> Iterator[tuple[str, Values]]:
    """Read fields, each with its node and whether it is needed, from what `**` unpacks."""
    sole = len(arguments.spread) == 1 and len(arguments.spread[0]) == 1
    for table in [value for values in arguments.spread for value in values]:
        if not isinstance(table, DictValue) or rest:
            machine.ledger.escape((table,))
        if isinstance(table, DictValue):
            for name, node, needed in fields:
                certain = needed and sole and scope.certain
                yield name, machine.ledger.read(table, name, node, certain=certain)


def _fill(node: ast.ClassDef, arguments: Arguments, scope: Scope, machine: Machine) -> None:
    """Give the fields of a record their values."""
    machine.ledger.escape(v for values in arguments.positional for v in values)
    machine.ledger.escape(v for values in (arguments.named or {}).values() for v in values)
    given = set(arguments.named or {})
    fields = [
        (part.target.id, part.target, part.value is None)
        for part in node.body
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
    ]
    fields = fields[len(arguments.positional) :]
    open_ = [field for field in fields if field[0] not in given]
    for _, values in _unpack(arguments, open_, scope, machine, rest=False):
        machine.ledger.escape(values)


def _is_record(node: ast.ClassDef) -> bool:
    """Tell whether the fields in a class's own body are all that it is made of."""
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


def _signature(arguments: Arguments) -> Iterator[tuple[int | str, Values]]:
    """Tell calls apart by what is given to them."""
    yield from enumerate(arguments.positional)
    yield from (arguments.named or {}).items()
    yield from enumerate(arguments.spread, -len(arguments.spread))


def _is_deferred(node: FunctionNode) -> bool:
    """Tell whether calling a function does not yet run its body."""
    if isinstance(node, ast.AsyncFunctionDef):
        return True
    return any(isinstance(part, ast.Yield | ast.YieldFrom) for part in ast.walk(node))


def _names(parameters: ast.arguments) -> list[str]:
    return [node.arg for node in ast.walk(parameters) if isinstance(node, ast.arg)]

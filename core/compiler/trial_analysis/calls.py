"""Evaluate a call: of the trial API, of a dict's method, of a function of the source, or else.

What calls of other modules' functions do: the trial API's first of all, and a few others.
"""

import ast

from .abstract_values import (
    NUMBER,
    UNKNOWN,
    Class,
    DictValue,
    Function,
    Imported,
    Scope,
    Value,
    Values,
    sole_text,
    tables,
    union,
)
from .dicts import call_method, merged, take, update
from .facts import (
    CURRENT_PARAMETER,
    GET_BUDGET,
    NEXT_PARAMETER,
    RAW,
    REPORTERS,
    TRIAL_VARIABLE,
    api_name,
)
from .interpreter import Arguments, Machine
from .observations import Observations

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
        case DictValue(attributes=False):
            return call_method(holder, name, arguments, scope, machine.ledger)
    machine.ledger.escape((holder,))
    if name not in LOGGING:
        machine.ledger.escape(arguments)
    return (NUMBER if name == "item" else UNKNOWN,)


_COPIES = frozenset({"builtins.dict", "collections.OrderedDict", "copy.copy", "copy.deepcopy"})
_NAMESPACES = frozenset({"argparse.Namespace", "types.SimpleNamespace"})
_LOOKS = frozenset(
    {
        "builtins.bool",
        "builtins.id",
        "builtins.isinstance",
        "builtins.print",
        "builtins.type",
        "pprint.pprint",
    }
)
"""What does nothing with a value that a trial's result could depend on."""
_NUMBERS = frozenset({"builtins.abs", "builtins.float", "builtins.int", "builtins.len"})
_ANYTHING = frozenset(
    f"builtins.{name}" for name in ("__import__", "eval", "exec", "globals", "locals", "vars")
)
"""What reaches for anything by its name."""


def call_imported(name: str, arguments: Arguments, scope: Scope, ledger: Observations) -> Values:
    """Return what a function of another module gives, as far as it is known here."""
    if function := api_name(name):
        return _call_api(function, arguments, scope, ledger)
    if name in _COPIES or name in _NAMESPACES:
        return (_copy(name, arguments, ledger),)
    if name == "builtins.vars" and arguments.positional:
        return _vars(arguments, ledger)
    if name in ("builtins.getattr", "builtins.hasattr"):
        return _get_attribute(name, arguments, scope, ledger)
    if name in ("os.getenv", "os.environ.get") and _is_variable(arguments.get(0, "key")):
        return (DictValue(RAW, anything=True),)
    if name == "json.loads" and (described := _described(arguments)):
        return described
    if name in _LOOKS or name.startswith("logging."):
        return (UNKNOWN,)
    if name in _ANYTHING:
        ledger.lose()
    ledger.escape(arguments)
    return (NUMBER if name in _NUMBERS else UNKNOWN,)


def _call_api(name: str, arguments: Arguments, scope: Scope, ledger: Observations) -> Values:
    if name == NEXT_PARAMETER:
        return (_next_parameter(arguments, ledger),)
    if name == CURRENT_PARAMETER:
        return _current_parameter(arguments, scope, ledger)
    if name == GET_BUDGET:
        ledger.use_budget()
    if name in REPORTERS:
        metric = arguments.get(0, "metric")
        ledger.report(arguments.node, _metrics(metric or ()), final=REPORTERS[name])
        ledger.escape(value for value in arguments if not _is_own(value))
    else:
        ledger.escape(arguments)
    return (UNKNOWN,)


def _next_parameter(arguments: Arguments, ledger: Observations) -> DictValue:
    """Make a table of the assignment, over the defaults that the script gives."""
    defaults = arguments.get(0, "defaults")
    table = merged([defaults] if defaults else [], ledger)
    table.path = ()
    table.anything |= arguments.vague or bool(arguments.spread)
    return table


def _current_parameter(arguments: Arguments, scope: Scope, ledger: Observations) -> Values:
    """Look up one parameter, or all, among which earlier defaults count."""
    everything = DictValue((), anything=True)
    key = arguments.get(0, "name")
    if key is None:
        return (everything,)
    return take((everything,), key, arguments.node, scope, ledger, sure=False)


def _metrics(metric: Values) -> frozenset[str] | None:
    """Name the metrics in what is reported; a number by itself is called ``default``."""
    names: set[str] = set()
    for value in metric:
        match value:
            case DictValue(path=None, anything=False):
                names |= value.keys
            case _ if value is NUMBER:
                names.add("default")
            case _:
                return None
    return frozenset(names) if metric else None


def _copy(name: str, arguments: Arguments, ledger: Observations) -> DictValue:
    table = DictValue(None, anything=arguments.vague, attributes=name in _NAMESPACES)
    update(table, arguments, ledger)
    return table


def _vars(arguments: Arguments, ledger: Observations) -> Values:
    """Take a namespace as a dict, unless it is one that still goes by a name of its own."""
    held = [value for value in arguments if isinstance(value, DictValue)]
    if held:
        return (merged([tuple(held)], ledger),)
    ledger.escape(arguments)
    fresh = isinstance(arguments.node.args[0], ast.Call)
    return (DictValue(None, anything=True),) if fresh else (UNKNOWN,)


def _get_attribute(name: str, arguments: Arguments, scope: Scope, ledger: Observations) -> Values:
    match arguments.positional:
        case (holders, key, *default) if any(t.attributes for t in tables(holders)):
            ledger.escape(value for values in default for value in values)
            sure = name == "builtins.getattr" and not default
            node = arguments.node.args[1]
            return take(holders, key, node, scope, ledger, sure=sure)
    ledger.escape(arguments)
    return (UNKNOWN,)


def _is_own(value: Value) -> bool:
    """Tell whether a value is a table that the script made."""
    return isinstance(value, DictValue) and value.path is None


def _is_variable(key: Values | None) -> bool:
    return key is not None and sole_text(key) == TRIAL_VARIABLE


def _described(arguments: Arguments) -> Values | None:
    """Recognise the trial's description, of which the text stands for what it says."""
    given = arguments.get(0, "s") or ()
    return given if any(table.path == RAW for table in tables(given)) else None

"""Evaluate calls: of the trial API, of methods of a dict, of the source's own functions.

A few functions of the standard library are modelled, since trials often use them to copy or print
the assignment. The arguments of any other call escape.
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
    constant_text,
    dicts_in,
    union,
)
from .dicts import call_dict_method, merged_dict, read_key, update
from .facts import (
    CURRENT_PARAMETER,
    GET_BUDGET,
    NEXT_PARAMETER,
    RAW,
    REPORTERS,
    TRIAL_VARIABLE,
    api_name,
)
from .interpreter import CallArguments, Interpreter
from .observations import Observations

LOGGING = frozenset({"debug", "info", "warning", "error", "exception", "critical"})
"""Methods that loggers have; they only print their arguments."""


def evaluate_call(node: ast.Call, scope: Scope, interpreter: Interpreter) -> Values:
    """Return the values that a call may have."""
    if isinstance(node.func, ast.Attribute):
        holders = interpreter.evaluate(node.func.value, scope)
        arguments = _arguments(node, scope, interpreter)
        # Of several alternatives a run calls only one.
        with scope.maybe_executed(unless=len(holders) == 1):
            found = [_method(h, node.func.attr, arguments, scope, interpreter) for h in holders]
    else:
        callees = interpreter.evaluate(node.func, scope)
        arguments = _arguments(node, scope, interpreter)
        with scope.maybe_executed(unless=len(callees) == 1):
            found = [_invoke(callee, arguments, scope, interpreter) for callee in callees]
    return union(*found)


def _arguments(node: ast.Call, scope: Scope, interpreter: Interpreter) -> CallArguments:
    return CallArguments(
        node,
        tuple(interpreter.evaluate(argument, scope) for argument in node.args),
        {kw.arg: interpreter.evaluate(kw.value, scope) for kw in node.keywords if kw.arg},
        tuple(interpreter.evaluate(kw.value, scope) for kw in node.keywords if not kw.arg),
        any(isinstance(argument, ast.Starred) for argument in node.args),
    )


def _invoke(
    callee: Value, arguments: CallArguments, scope: Scope, interpreter: Interpreter
) -> Values:
    match callee:
        case Imported(name):
            return call_imported(name, arguments, scope, interpreter.observations)
        case Function():
            return interpreter.call_function(callee, arguments, scope)
        case Class():
            return interpreter.call_class(callee, arguments, scope)
    interpreter.observations.escape((callee, *arguments))
    return (UNKNOWN,)


def _method(
    holder: Value, name: str, arguments: CallArguments, scope: Scope, interpreter: Interpreter
) -> Values:
    match holder:
        case Imported(module):
            return _invoke(Imported(f"{module}.{name}"), arguments, scope, interpreter)
        case DictValue(is_namespace=False):
            return call_dict_method(holder, name, arguments, scope, interpreter.observations)
    interpreter.observations.escape((holder,))
    if name not in LOGGING:
        interpreter.observations.escape(arguments)
    # `item` is how arrays and tensors become numbers.
    return (NUMBER if name == "item" else UNKNOWN,)


_COPIES = frozenset({"builtins.dict", "collections.OrderedDict", "copy.copy", "copy.deepcopy"})
_NAMESPACES = frozenset({"argparse.Namespace", "types.SimpleNamespace"})
_OBSERVERS = frozenset(
    {
        "builtins.bool",
        "builtins.id",
        "builtins.isinstance",
        "builtins.print",
        "builtins.type",
        "pprint.pprint",
    }
)
"""Functions that only look at a value: a trial's result does not depend on what they see."""
_NUMBERS = frozenset({"builtins.abs", "builtins.float", "builtins.int", "builtins.len"})
_REFLECTION = frozenset(
    f"builtins.{name}" for name in ("__import__", "eval", "exec", "globals", "locals", "vars")
)
"""Functions through which any name can be reached, so that nothing about the rest is certain."""


def call_imported(
    name: str, arguments: CallArguments, scope: Scope, observations: Observations
) -> Values:
    """Return the values that a call of an imported function may have."""
    if function := api_name(name):
        return _call_api(function, arguments, scope, observations)
    if name in _COPIES or name in _NAMESPACES:
        return (_copy(name, arguments, observations),)
    if name == "builtins.vars" and arguments.positional:
        return _vars(arguments, observations)
    if name in ("builtins.getattr", "builtins.hasattr"):
        return _get_attribute(name, arguments, scope, observations)
    if name in ("os.getenv", "os.environ.get") and _is_variable(arguments.get(0, "key")):
        return (DictValue(RAW, any_own_key=True),)
    # Scripts without the API parse the description of the trial themselves.
    if name == "json.loads" and (described := _trial_description(arguments)):
        return described
    if name in _OBSERVERS or name.startswith("logging."):
        return (UNKNOWN,)
    if name in _REFLECTION:
        observations.lose_track()
    # Any other function may use its arguments in any way.
    observations.escape(arguments)
    return (NUMBER if name in _NUMBERS else UNKNOWN,)


def _call_api(
    name: str, arguments: CallArguments, scope: Scope, observations: Observations
) -> Values:
    if name == NEXT_PARAMETER:
        return (_next_parameter(arguments, observations),)
    if name == CURRENT_PARAMETER:
        return _current_parameter(arguments, scope, observations)
    if name == GET_BUDGET:
        observations.read_budget()
    if name in REPORTERS:
        metric = arguments.get(0, "metric")
        observations.report(arguments.node, _metrics(metric or ()), final=REPORTERS[name])
        # A report of the assignment itself would reveal it; of a dict of the script it does not.
        observations.escape(value for value in arguments if not _is_script_dict(value))
    else:
        observations.escape(arguments)
    return (UNKNOWN,)


def _next_parameter(arguments: CallArguments, observations: Observations) -> DictValue:
    """Return the assignment, merged over the defaults that the script passes."""
    defaults = arguments.get(0, "defaults")
    mapping = merged_dict([defaults] if defaults else [], observations)
    # The keys of the defaults are the script's own, so a read of one is not required.
    mapping.path = ()
    mapping.any_own_key |= arguments.has_starred or bool(arguments.unpacked)
    return mapping


def _current_parameter(
    arguments: CallArguments, scope: Scope, observations: Observations
) -> Values:
    """Return one parameter or all of them.

    Defaults passed to an earlier `get_next_parameter` count, so no read here is required.
    """
    everything = DictValue((), any_own_key=True)
    key = arguments.get(0, "name")
    if key is None:
        return (everything,)
    return read_key((everything,), key, arguments.node, scope, observations, raises=False)


def _metrics(metric: Values) -> frozenset[str] | None:
    """Return the names of the metrics in a reported value; a bare number is called ``default``."""
    names: set[str] = set()
    for value in metric:
        match value:
            # The metrics are known only if the script sets all keys, and all of them are known.
            case DictValue(path=None, any_own_key=False):
                names |= value.own_keys
            case _ if value is NUMBER:
                names.add("default")
            case _:
                return None
    return frozenset(names) if metric else None


def _copy(name: str, arguments: CallArguments, observations: Observations) -> DictValue:
    mapping = DictValue(None, any_own_key=arguments.has_starred, is_namespace=name in _NAMESPACES)
    update(mapping, arguments, observations)
    return mapping


def _vars(arguments: CallArguments, observations: Observations) -> Values:
    """Return the dict of a namespace.

    Of a namespace that the source made, that dict is known. Of another object it is unknown,
    and may change later unless the object is made in this very call and has no other name.
    """
    held = [value for value in arguments if isinstance(value, DictValue)]
    if held:
        return (merged_dict([tuple(held)], observations),)
    observations.escape(arguments)
    fresh = isinstance(arguments.node.args[0], ast.Call)
    return (DictValue(None, any_own_key=True),) if fresh else (UNKNOWN,)


def _get_attribute(
    name: str, arguments: CallArguments, scope: Scope, observations: Observations
) -> Values:
    match arguments.positional:
        case (holders, key, *default) if any(t.is_namespace for t in dicts_in(holders)):
            observations.escape(value for values in default for value in values)
            raises = name == "builtins.getattr" and not default
            node = arguments.node.args[1]
            return read_key(holders, key, node, scope, observations, raises=raises)
    observations.escape(arguments)
    return (UNKNOWN,)


def _is_script_dict(value: Value) -> bool:
    """Tell whether a value is a dict without anything of the assignment."""
    return isinstance(value, DictValue) and value.path is None


def _is_variable(key: Values | None) -> bool:
    return key is not None and constant_text(key) == TRIAL_VARIABLE


def _trial_description(arguments: CallArguments) -> Values | None:
    """Return the parsed description of the trial if the argument is its text.

    The text in the environment and the document parsed from it are the same abstract value.
    """
    given = arguments.get(0, "s") or ()
    return given if any(mapping.path == RAW for mapping in dicts_in(given)) else None

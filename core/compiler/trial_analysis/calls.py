"""Evaluate calls of the trial API, of the methods of dicts, and of functions of the source.

The interpreter also models a few functions of the standard library, since trials often copy or
print the assignment with them. The arguments of all other calls escape.
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
"""Methods of loggers, which only print their arguments."""


def evaluate_call(node: ast.Call, scope: Scope, interpreter: Interpreter) -> Values:
    """Return the values that a call may return."""
    if isinstance(node.func, ast.Attribute):
        holders = interpreter.evaluate(node.func.value, scope)
        arguments = _arguments(node, scope, interpreter)
        # If there are several alternatives, a run calls only one of them.
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
    # The method `item` converts arrays and tensors to numbers.
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
"""Functions that only inspect or print a value; the result of a trial does not depend on them."""
_NUMBERS = frozenset({"builtins.abs", "builtins.float", "builtins.int", "builtins.len"})
_REFLECTION = frozenset(
    f"builtins.{name}" for name in ("__import__", "eval", "exec", "globals", "locals", "vars")
)
"""Functions that can reach any name, so that no fact about the source is certain."""


def call_imported(
    name: str, arguments: CallArguments, scope: Scope, observations: Observations
) -> Values:
    """Return the values that a call of an imported function may return."""
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
    # A script that does not use the API parses the description of the trial itself.
    if name == "json.loads" and (described := _trial_description(arguments)):
        return described
    if name in _OBSERVERS or name.startswith("logging."):
        return (UNKNOWN,)
    if name in _REFLECTION:
        observations.lose_track()
    # Any other function may use its arguments in an arbitrary way.
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
        # If the script reports the assignment itself, all its keys are read. A dict that the
        # script makes contains no such keys.
        observations.escape(value for value in arguments if not _is_script_dict(value))
    else:
        observations.escape(arguments)
    return (UNKNOWN,)


def _next_parameter(arguments: CallArguments, observations: Observations) -> DictValue:
    """Return the assignment, merged with the defaults that the script passes."""
    defaults = arguments.get(0, "defaults")
    mapping = merged_dict([defaults] if defaults else [], observations)
    # Keys of the defaults always exist, so a read of such a key is not required.
    mapping.path = ()
    mapping.any_own_key |= arguments.has_starred or bool(arguments.unpacked)
    return mapping


def _current_parameter(
    arguments: CallArguments, scope: Scope, observations: Observations
) -> Values:
    """Return the parameter that a call of `get_current_parameter` names, or all parameters.

    The script may have passed defaults to an earlier call of `get_next_parameter`, so a read is
    never required here.
    """
    everything = DictValue((), any_own_key=True)
    key = arguments.get(0, "name")
    if key is None:
        return (everything,)
    return read_key((everything,), key, arguments.node, scope, observations, raises=False)


def _metrics(metric: Values) -> frozenset[str] | None:
    """Return the names of the metrics in a reported value, or None if a name may be unknown.

    A number that is reported without a name is the metric ``default``.
    """
    names: set[str] = set()
    for value in metric:
        match value:
            # The metrics are known only if the script sets all keys itself and all keys are known.
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
    """Return the values of a call of `vars`: the dict of a namespace or of another object.

    If the source created the namespace, the dict is known. The dict of any other object is
    unknown, and the script may change it later through the object. Only an object that is created
    within the call has no other name through which its dict could change.
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
    """Tell whether a value is a dict that contains no part of the assignment."""
    return isinstance(value, DictValue) and value.path is None


def _is_variable(key: Values | None) -> bool:
    return key is not None and constant_text(key) == TRIAL_VARIABLE


def _trial_description(arguments: CallArguments) -> Values | None:
    """Return the parsed description of the trial if the argument is the text of the description.

    The text and the parsed document are represented by the same abstract value.
    """
    given = arguments.get(0, "s") or ()
    return given if any(mapping.path == RAW for mapping in dicts_in(given)) else None

"""Convert Hydra's sweep grammar to calls of this project's domains.

Before: ``tag(log, int(interval(1, 1024)))``.
After: ``int(1, 1024, log=true)``.

The following EBNF, over the tokens of the call form, is the part of Hydra's override grammar
(https://hydra.cc/docs/advanced/override_grammar/extended/) that this module converts::

    sweep    = interval | range | cast | tag | order | choice
    interval = "interval" "(" start "," end ")"
    range    = "range" "(" [ start "," ] stop [ "," step ] ")"
    cast     = ( "int" | "float" | "str" | "bool" ) "(" sweep ")"
    tag      = "tag" "(" { word "," } sweep ")"
    order    = ( "sort" | "shuffle" ) "(" sweep | list | value { "," value } ")"

Every argument may also be given by name. ``int(1, 8)`` is a domain of this project, since only a
call whose argument is another call is a cast.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import ceil
from typing import Any

from sweepwright.diagnostics import Code, did_you_mean
from sweepwright.domains import Integer, fraction

from .domains import make_domain, match_arguments
from .nodes import Call, CallError, Form, SourceNode, format_value, number_fault

SWEEPS = ("interval", "range", "tag", "sort", "shuffle", "glob")
"""Functions of Hydra's sweep grammar, except those that are also domains of this project."""

MAX_LISTED = 10_000
"""Largest number of values in a list that replaces a range, since a plan stores each value."""


def is_sweep(call: Call) -> bool:
    """Tell whether a call belongs to Hydra's sweep grammar, such as ``range(8)``.

    ``int`` is a cast only if its argument is another call.
    """
    # The other notations have no sweeps: `type: range` is an unknown domain.
    if call.form is not Form.CALL:
        return False
    inner = [isinstance(node.value, Call) for node in call.arguments]
    return call.name.value in SWEEPS or (call.name.value in CASTS and inner == [True])


def lower_sweep(call: Call) -> Call:
    """Convert a sweep to a call of a domain, and return any other call unchanged.

    Raises
    ------
    CallError
        If Hydra would also reject the sweep.
    """
    match call.name.value if is_sweep(call) else None:
        case "interval":
            # Hydra excludes `end`, which makes no difference for floats. For `int(interval(1,
            # 8))`, Hydra's Optuna sweeper includes 8, and so does `int(1, 8)`.
            given = _match_arguments(call, ("start", "end"), required=2)
            return _call(call, "uniform", (given["start"], given["end"]))
        case "range":
            return _range(call, _match_arguments(call, ("start", "stop", "step"), required=1))
        case "tag":
            return _apply_tag(call)
        case "sort" | "shuffle":
            return _drop_order(call)
        case "glob":
            message = "`glob` selects configs of a group, and is not a domain"
            raise CallError(
                message, call.name, "list the names: `choice(a, b)`", Code.NOT_A_DOMAIN
            )
        # The only sweeps left are casts.
        case str(kind):
            return _cast(kind, call, lower_sweep(call.arguments[0].value))
    return call


_USAGES = {
    "interval": "interval(start, end)",
    "range": "range(start, stop, step)",
    "int": "int(low, high, log=…, step=…)",
}


def _match_arguments(call: Call, names: Sequence[str], *, required: int) -> dict[str, SourceNode]:
    """Assign the arguments of a sweep to its formal parameters."""
    name, suggestion = call.name.value, f"the form is `{_USAGES[call.name.value]}`"
    for node in call.arguments[len(names) :]:
        raise CallError(f"`{name}` has too many arguments", node, suggestion)
    given = dict(zip(names, call.arguments, strict=False))
    for key, (at, node) in call.keywords.items():
        if key in given:
            raise CallError(f"`{key}` is given twice", at)
        if key not in names:
            raise CallError(
                f"`{name}` has no argument `{key}`", at, did_you_mean(key, list(names))
            )
        given[key] = node
    for missing in names[:required]:
        if missing not in given:
            raise CallError(f"`{name}` needs `{missing}`", call.name, suggestion)
    return given


def _call(sweep: Call, name: str, arguments: Sequence[SourceNode]) -> Call:
    """Return a call of a domain that has the position of the sweep."""
    return Call(replace(sweep.name, value=name), tuple(arguments))


def _range(call: Call, given: Mapping[str, SourceNode]) -> Call:
    """Convert a range to an `int` if its step is 1, or else to an `ordinal` of its values."""
    for name, node in given.items():
        if fault := number_fault(node.value):
            raise CallError(f"`{name}` is `{format_value(node.value)}`, {fault}", node)
    # The only argument of `range(8)` is called `start`, but it is the stop.
    stop = given.get("stop", given["start"])
    start = given["start"] if "stop" in given else replace(stop, value=0)
    step = given.get("step", replace(call.name, value=1))
    if step.value == 0:
        raise CallError("`step` is 0", step, None, Code.BAD_STEP)
    # The formula also holds for a negative step: `range(3, 0, -1)` has ceil(-3 / -1) = 3 values.
    count = ceil((fraction(stop.value) - fraction(start.value)) / fraction(step.value))
    if count <= 0:
        suggestion = "`range` excludes its `stop`"
        raise CallError("the domain is empty", stop, suggestion, Code.EMPTY_DOMAIN)
    integral = all(isinstance(node.value, int) for node in (start, stop, step))
    if integral and step.value == 1:
        # `range` excludes its stop, whereas `int` includes its upper bound.
        return _call(call, "int", (start, replace(stop, value=stop.value - 1)))
    # Compute with exact fractions, so that the fourth value of range(0, 1, 0.1) is 0.3 and not
    # 0.30000000000000004.
    exact = fraction(start.value), fraction(step.value)
    return _listed(call, count, lambda i: (int if integral else float)(exact[0] + i * exact[1]))


def _listed(call: Call, count: int, value: Callable[[int], Any]) -> Call:
    if count > MAX_LISTED:
        message = f"the range has {count:,} values, too many to list"
        raise CallError(message, call.name, "write `uniform(low, high, step=…)`")
    # No value is written in the source, so a finding about one points to the name `range`.
    values = (replace(call.name, value=value(index)) for index in range(count))
    return _call(call, "ordinal", tuple(values))


def _apply_tag(call: Call) -> Call:
    """Apply the tag `log`, and drop other tags, since they do not affect the values."""
    *tags, sweep = _with_keywords(call, ("sweep",)) or [call.name]
    if not isinstance(sweep.value, Call):
        suggestion = "the form is `tag(log, interval(start, end))`"
        raise CallError("the last argument of `tag` must be a sweep", call.name, suggestion)
    for tag in tags:
        if not isinstance(tag.value, str):
            raise CallError(f"the tag `{format_value(tag.value)}` is not a word", tag)
    inner = lower_sweep(sweep.value)
    return _logarithmic(inner) if "log" in [tag.value for tag in tags] else inner


def _logarithmic(call: Call) -> Call:
    match call.name.value:
        case "uniform" | "normal" as name:
            return replace(call, name=replace(call.name, value=f"log{name}"))
        case "int":
            if "log" in call.keywords:
                raise CallError("`log` is given twice", call.keywords["log"][0])
            log = replace(call.name, value="log"), replace(call.name, value=True)
            return replace(call, keywords={**call.keywords, "log": log})
        case "ordinal":
            message = "the values of a list are equally probable, so it cannot be logarithmic"
            suggestion = "remove `log`, or write `loguniform(low, high, step=…)`"
            raise CallError(message, call.name, suggestion)
    # A choice has no scale, so the tag changes nothing.
    return call


def _drop_order(call: Call) -> Call:
    """Drop the order in which Hydra would try the values, since the tuner decides the order."""
    match _with_keywords(call, ("sweep", "list", "reverse")):
        case [SourceNode(Call() as inner)]:
            return lower_sweep(inner)
        case [SourceNode(list(), items=items)]:
            return _call(call, "choice", items)
        case nodes:
            return _call(call, "choice", nodes)


def _with_keywords(call: Call, known: Sequence[str]) -> list[SourceNode]:
    for key, (at, _) in call.keywords.items():
        if key not in known:
            raise CallError(f"`{call.name.value}` has no argument `{key}`", at)
    given = [node for key, (_, node) in call.keywords.items() if key != "reverse"]
    return [*call.arguments, *given]


def _bool(value: Any) -> bool:
    if isinstance(value, str):
        # Hydra casts no other text. `_cast_node` reports the KeyError.
        return {"true": True, "false": False}[value.lower()]
    return bool(value)


def _str(value: Any) -> str:
    # Hydra writes `true`, whereas Python writes `True`.
    return str(value).lower() if isinstance(value, bool) else str(value)


CASTS: Mapping[str, Callable[[Any], Any]] = {
    "int": int,
    "float": float,
    "str": _str,
    "bool": _bool,
}


def _cast(kind: str, cast: Call, call: Call) -> Call:
    """Cast the values of a domain as Hydra does.

    The cast `int` truncates the bounds of an interval.
    """
    for key, (at, _) in cast.keywords.items():
        whole = kind == "int" and key in ("log", "step")
        suggestion = f"write `{_USAGES['int']}`" if whole else f"remove `{key}`"
        raise CallError(f"the cast `{kind}` has no argument `{key}`", at, suggestion)
    match kind, call.name.value:
        case _, "choice" | "ordinal":
            arguments = tuple(_cast_node(kind, each) for each in call.arguments)
            return replace(call, arguments=arguments)
        case "int", "int":
            return call
        case "float", "uniform" | "loguniform" | "normal" | "lognormal":
            return call
        case "float", "int":
            return _floats(call)
        case "int", "uniform" | "loguniform":
            return _integers(cast, call)
        # Trials receive the values of a normal distribution as floats, also with a step.
        case "int", "normal" | "lognormal":
            suggestion = "remove the cast; with `step=1`, every value is a whole number"
            message = "a normal distribution cannot be cast to `int`"
            raise CallError(message, cast.name, suggestion)
        case _, "uniform" | "loguniform" | "int" | "normal" | "lognormal":
            message = f"a range of numbers cannot be cast to `{kind}`"
            suggestion = "remove the cast, and convert the value in the trial"
            raise CallError(message, cast.name, suggestion)
    # `make_domain` reports a name that is no domain.
    return call


def _floats(call: Call) -> Call:
    """Convert an `int` to a domain of the same values as floats."""
    domain, _ = make_domain(call)
    match domain:
        # The values of `float(range(1, 4))` are 1.0, 2.0 and 3.0, not all floats in between.
        case Integer(low=low, log=False, step=1):
            return _listed(call, domain.size, lambda index: float(low + index))
        # A list has no scale, and cannot say which multiples of the step are its values.
        case Integer(log=log):
            given, _ = match_arguments(call)
            step = given.get("step", replace(call.name, value=1))
            name = "loguniform" if log else "uniform"
            return _call(call, name, (given["low"], given["high"], step))
    return call  # `make_domain` will report its faults


def _integers(cast: Call, call: Call) -> Call:
    """Convert a range of floats to an `int`, whose bounds are truncated."""
    given, faults = match_arguments(call)
    if faults:
        return call  # `make_domain` will report them
    bounds = tuple(_cast_node("int", given.pop(name)) for name in ("low", "high"))
    keywords = {key: call.keywords.get(key, (node, node)) for key, node in given.items()}
    as_int = Call(replace(cast.name, value="int"), bounds, keywords)
    return _logarithmic(as_int) if call.name.value == "loguniform" else as_int


def _cast_node(kind: str, node: SourceNode) -> SourceNode:
    try:
        if isinstance(node.value, str | int | float):
            return replace(node, value=CASTS[kind](node.value))
    except (ValueError, OverflowError, KeyError):
        pass
    raise CallError(f"`{format_value(node.value)}` cannot be cast to `{kind}`", node)

"""Make a choice of a call: its values, in order or without, and how likely each is."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sweepwright.diagnostics import Code, did_you_mean
from sweepwright.domain_checks import LARGEST
from sweepwright.space import Categorical, Domain, Ordinal

from .call_form import literal
from .nodes import Call, DomainFault, Form, SourceNode, format_value


def make_choice(call: Call) -> tuple[Domain | None, list[DomainFault]]:
    """Make the choice; None when a fault is more than a warning."""
    values, faults = _values(call)
    faults += [*_unknown_keywords(call), *_value_faults(values)]
    weights = call.keywords.get("weights")
    if weights and call.name.value == "choice":
        faults += weight_faults(weights[1], len(values))
    if faults:
        return None, faults
    choices = tuple(node.value for node in values)
    if call.name.value == "ordinal":
        return Ordinal(choices), list(_mixtures(values))
    numbers = tuple(map(float, weights[1].value)) if weights else None
    return Categorical(choices, numbers), list(_mixtures(values))


def distinct(values: Iterable[SourceNode]) -> tuple[SourceNode, ...]:
    """Keep the first of each value."""
    firsts: dict[Any, SourceNode] = {}
    for node in values:
        firsts.setdefault(_identity(node.value), node)
    return tuple(firsts.values())


def format_choice(values: Sequence[Any]) -> str:
    """Write a choice of values, or of any where these are none that can be written."""
    try:
        return str(Categorical(tuple(values)))
    except TypeError:
        return "choice(a, b)"


def weight_faults(weights: SourceNode, count: int) -> Iterator[DomainFault]:
    """Find what is wrong with the list of weights of so many choices."""
    if not isinstance(weights.value, list):
        message = f"the weights are `{format_value(weights.value)}`, which is no list of numbers"
        yield DomainFault(Code.BAD_WEIGHTS, message, weights, "write `[3, 1]`")
        return
    if len(weights.value) != count:
        message = f"the choice is among {count}, and has {len(weights.value)} weights"
        yield DomainFault(Code.BAD_WEIGHTS, message, weights, "give one for each")
    yield from (fault for item in weights.items for fault in weight_fault(item))


def weight_fault(weight: SourceNode) -> Iterator[DomainFault]:
    """Find what is wrong with one weight."""
    value = weight.value
    if isinstance(value, bool) or not isinstance(value, int | float):
        message = f"the weight `{format_value(value)}` is no number"
        yield DomainFault(Code.BAD_WEIGHTS, message, weight)
    elif not 0 < value <= _HEAVIEST:
        message = f"the weight `{format_value(value)}` is no finite number above 0"
        suggestion = "leave the choice out" if value == 0 else None
        yield DomainFault(Code.BAD_WEIGHTS, message, weight, suggestion)


_HEAVIEST = 1e300
"""Weights are added up, which must stay finite."""
assert _HEAVIEST < LARGEST


def _values(call: Call) -> tuple[Sequence[SourceNode], list[DomainFault]]:
    """Find the values, which a table has in a list of that name."""
    if call.form is not Form.TABLE:
        nothing = DomainFault(Code.EMPTY_DOMAIN, "the choice is among nothing", call.name)
        return call.arguments, [] if call.arguments or call.keywords else [nothing]
    name = call.name.value
    if "values" not in call.keywords and _SYNONYMS & {*call.keywords}:
        return (), []  # that key is reported
    if "values" not in call.keywords:
        message = f"`{name}` lacks `values`"
        return (), [DomainFault(Code.BAD_ARGUMENTS, message, call.name, "give `values: [a, b]`")]
    values = call.keywords["values"][1]
    if not isinstance(values.value, list):
        message = f"`values` is `{format_value(values.value)}`, which is no list"
        suggestion = f"write `values: [{format_value(values.value)}]`"
        return (), [DomainFault(Code.BAD_ARGUMENTS, message, values, suggestion)]
    empty = DomainFault(Code.EMPTY_DOMAIN, "the choice is among nothing", values)
    return values.items, [] if values.items else [empty]


def _unknown_keywords(call: Call) -> Iterator[DomainFault]:
    """Find the keywords that mean nothing to the choice."""
    known = ["weights"] if call.name.value == "choice" else []
    known += ["values"] if call.form is Form.TABLE else []
    for key, (at, _) in call.keywords.items():
        if key not in known:
            message = f"`{call.name.value}` takes no `{key}`"
            suggestion = "weights are for `choice`" if key == "weights" else _near(key, known)
            yield DomainFault(Code.BAD_ARGUMENTS, message, at, suggestion)


_SYNONYMS = {"choices", "options", "items"}
"""What the values are called elsewhere."""


def _near(key: str, known: list[str]) -> str | None:
    if key in _SYNONYMS and "values" in known:
        return "it is called `values`"
    return did_you_mean(key, known)


def _value_faults(values: Iterable[SourceNode]) -> Iterator[DomainFault]:
    seen: set[Any] = set()
    for node in values:
        if isinstance(node.value, Call):
            message = f"`{node.value}` is no value that a choice can have"
            suggestion = "a choice between domains is a nested one: `choice: {a: …, b: …}`"
            yield DomainFault(Code.BAD_ARGUMENTS, message, node, suggestion)
        elif why := _unwritable(node.value):
            message = f"the choice `{format_value(node.value)}` {why}"
            yield DomainFault(Code.BAD_ARGUMENTS, message, node)
        elif (key := _identity(node.value)) in seen:
            message = f"the choice `{format_value(node.value)}` is given twice"
            yield DomainFault(Code.DUPLICATE_CHOICE, message, node)
        else:
            seen.add(key)


def _unwritable(value: Any) -> str | None:
    """Say why JSON cannot hold a value."""
    if isinstance(value, float) and not math.isfinite(value):
        return "is no finite number"
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            return "has a key that is no text"
        return next(filter(None, map(_unwritable, value.values())), None)
    if isinstance(value, list):
        return next(filter(None, map(_unwritable, value)), None)
    return None if value is None or isinstance(value, str | int | float) else "is no plain value"


def _identity(value: Any) -> Any:
    """Make a key under which 1 and 1.0 are the same choice, and 1 and true are not."""
    if isinstance(value, list | dict):
        return json.dumps(value, sort_keys=True, default=str)
    return (isinstance(value, bool), value)


def _mixtures(values: Sequence[SourceNode]) -> Iterator[DomainFault]:
    """Warn of booleans and of text among numbers, which are rarely meant."""
    kinds = [_kind(node.value) for node in values]
    numbers = [node for kind, node in zip(kinds, values, strict=True) if kind == "number"]
    if not numbers:
        return
    for kind, node in zip(kinds, values, strict=True):
        if kind == "boolean":
            message = f"`{format_value(node.value)}` stands among numbers"
            suggestion = _instead_of_boolean(node)
            yield DomainFault(Code.BOOL_AMONG_NUMBERS, message, node, suggestion, warning=True)
    texts = [node for kind, node in zip(kinds, values, strict=True) if kind == "text"]
    if texts:
        message = f"the text `{texts[0].value}` stands among numbers"
        suggestion = _instead_of_text(texts[0], numbers)
        yield DomainFault(Code.MIXED_CHOICES, message, texts[0], suggestion, warning=True)


def _instead_of_boolean(node: SourceNode) -> str:
    if node.raw_text.lower() in ("true", "false"):
        return f"for a number write `{int(node.value)}`"
    return f"YAML reads `{node.raw_text}` as `{format_value(node.value)}`; text is put in quotes"


def _instead_of_text(text: SourceNode, numbers: Sequence[SourceNode]) -> str:
    if not isinstance(literal(text.value), str | None):
        return f"for a number write `{format_value(literal(text.value))}`, without quotes"
    listed = ", ".join(f'`"{format_value(node.value)}"`' for node in numbers)
    return f"for text throughout write {listed}"


def _kind(value: Any) -> str:
    match value:
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "text"
    return "other"

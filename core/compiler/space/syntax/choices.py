"""Build the domain of a `choice` or `ordinal`, and check its values and weights."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sweepwright.diagnostics import Code, did_you_mean
from sweepwright.domains import LARGEST
from sweepwright.space import Categorical, Domain, Ordinal

from .call_form import literal
from .nodes import Call, DomainFault, Form, SourceNode, format_value, number_fault


def make_choice(call: Call) -> tuple[Domain | None, list[DomainFault]]:
    """Return the domain and all faults; the domain is None if a fault is an error."""
    unknown = list(_unknown_keywords(call))
    values, faults = _values(call, misnamed=bool(unknown))
    faults += [*unknown, *_value_faults(values)]
    weights = call.keywords.get("weights")
    # `_unknown_keywords` reports the weights of an `ordinal`.
    if weights and call.name.value == "choice":
        faults += weight_faults(weights[1], len(values))
    if faults:
        return None, faults
    # Only a choice without faults is checked for mixed kinds: a value with a fault often has
    # another kind than the author meant.
    choices = tuple(node.value for node in values)
    if call.name.value == "ordinal":
        return Ordinal(choices), list(_mixed_kinds(values))
    numbers = tuple(map(float, weights[1].value)) if weights else None
    return Categorical(choices, numbers), list(_mixed_kinds(values))


def distinct(values: Iterable[SourceNode]) -> tuple[SourceNode, ...]:
    """Drop every value that equals an earlier value."""
    firsts: dict[Any, SourceNode] = {}
    for node in values:
        firsts.setdefault(_identity(node.value), node)
    return tuple(firsts.values())


def format_choice(values: Sequence[Any]) -> str:
    """Format a choice of values, or return a placeholder if a value cannot be formatted."""
    try:
        # YAML can write values that JSON cannot, such as dates.
        return str(Categorical(tuple(values)))
    except TypeError:
        return "choice(a, b)"


def weight_faults(weights: SourceNode, count: int) -> Iterator[DomainFault]:
    """Find faults in the weights of a choice with `count` values."""
    if not isinstance(weights.value, list):
        message = f"the weights must be a list of numbers, not `{format_value(weights.value)}`"
        yield DomainFault(Code.BAD_WEIGHTS, message, weights, "write `[3, 1]`")
        return
    # A choice without values has a finding of its own.
    if count and len(weights.value) != count:
        message = f"expected as many weights as values ({count}), found {len(weights.value)}"
        yield DomainFault(Code.BAD_WEIGHTS, message, weights, "give one weight for each value")
    yield from (fault for item in weights.items for fault in weight_fault(item))


def weight_fault(weight: SourceNode) -> Iterator[DomainFault]:
    """Find faults in one weight."""
    value = weight.value
    if isinstance(value, bool) or not isinstance(value, int | float):
        message = f"the weight `{format_value(value)}` is not a number"
        yield DomainFault(Code.BAD_WEIGHTS, message, weight)
    elif not 0 < value <= LARGEST:
        message = f"the weight `{format_value(value)}` is not a finite number above 0"
        suggestion = "remove the value" if value == 0 else None
        yield DomainFault(Code.BAD_WEIGHTS, message, weight, suggestion)
    # The limit of numbers in domains also keeps the sum of the weights finite.
    elif fault := number_fault(value):
        message = f"the weight `{format_value(value)}` is {fault}"
        yield DomainFault(Code.BAD_WEIGHTS, message, weight)


def _values(call: Call, *, misnamed: bool) -> tuple[Sequence[SourceNode], list[DomainFault]]:
    """Return the values of a choice, and faults that concern the list of values as a whole.

    In a table, the values are the list under `values`; elsewhere they are the positional
    arguments. Values that are absent are no fault if a keyword is unknown (`misnamed`), since they
    probably stand under this keyword, as in `choice(values=[a, b])`.
    """
    if call.form is not Form.TABLE:
        nothing = DomainFault(Code.EMPTY_DOMAIN, "the choice has no values", call.name)
        return call.arguments, [] if call.arguments or misnamed else [nothing]
    name = call.name.value
    if "values" not in call.keywords and misnamed:
        return (), []
    if "values" not in call.keywords:
        message = f"`{name}` needs `values`"
        return (), [DomainFault(Code.BAD_ARGUMENTS, message, call.name, "add `values: [a, b]`")]
    values = call.keywords["values"][1]
    if not isinstance(values.value, list):
        message = f"`values` must be a list, not `{format_value(values.value)}`"
        suggestion = f"write `values: [{format_value(values.value)}]`"
        return (), [DomainFault(Code.BAD_ARGUMENTS, message, values, suggestion)]
    empty = DomainFault(Code.EMPTY_DOMAIN, "the choice has no values", values)
    return values.items, [] if values.items else [empty]


def _unknown_keywords(call: Call) -> Iterator[DomainFault]:
    """Find keyword arguments that a choice does not accept."""
    known = ["weights"] if call.name.value == "choice" else []
    known += ["values"] if call.form is Form.TABLE else []
    for key, (at, _) in call.keywords.items():
        if key not in known:
            message = f"`{call.name.value}` has no argument `{key}`"
            yield DomainFault(Code.BAD_ARGUMENTS, message, at, _suggest(call, key, known))


_SYNONYMS = {"choices", "options", "items"}
"""Names that other tools use for the argument `values`."""


def _suggest(call: Call, key: str, known: list[str]) -> str | None:
    if key == "weights":
        return "only `choice` takes weights"
    if key in _SYNONYMS and "values" in known:
        return "use `values` instead"
    if key in (*_SYNONYMS, "values"):
        return f"give the values without a name: `{call.name.value}(a, b)`"
    return did_you_mean(key, known)


def _value_faults(values: Iterable[SourceNode]) -> Iterator[DomainFault]:
    seen: set[Any] = set()
    for node in values:
        if isinstance(node.value, Call):
            message = f"a choice cannot contain another domain, `{node.value}`"
            suggestion = "to choose between domains, write a nested choice: `choice: {a: …, b: …}`"
            yield DomainFault(Code.BAD_ARGUMENTS, message, node, suggestion)
        elif why := _not_json(node.value):
            message = f"the value `{format_value(node.value)}` {why}"
            yield DomainFault(Code.BAD_ARGUMENTS, message, node)
        elif (key := _identity(node.value)) in seen:
            message = f"the value `{format_value(node.value)}` is given twice"
            yield DomainFault(Code.DUPLICATE_CHOICE, message, node)
        else:
            seen.add(key)


def _not_json(value: Any) -> str | None:
    """Return why a value cannot be written as JSON, or None if it can."""
    if isinstance(value, float) and not math.isfinite(value):
        return "is not finite"
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            return "has a key that is not text"
        return next(filter(None, map(_not_json, value.values())), None)
    if isinstance(value, list):
        return next(filter(None, map(_not_json, value)), None)
    return (
        None if value is None or isinstance(value, str | int | float) else "is not a value of JSON"
    )


def _identity(value: Any) -> Any:
    """Return a key that is equal for 1 and 1.0, but different for 1 and true."""
    if isinstance(value, list | dict):
        # Lists and mappings are not hashable, but their text is.
        return json.dumps(value, sort_keys=True, default=str)
    return (isinstance(value, bool), value)


def _mixed_kinds(values: Sequence[SourceNode]) -> Iterator[DomainFault]:
    """Warn of booleans and of text among numbers, which are rarely intended."""
    kinds = [_kind(node.value) for node in values]
    numbers = [node for kind, node in zip(kinds, values, strict=True) if kind == "number"]
    if not numbers:
        return
    for kind, node in zip(kinds, values, strict=True):
        if kind == "boolean":
            message = f"`{format_value(node.value)}` is a boolean among numbers"
            suggestion = _suggest_for_boolean(node)
            yield DomainFault(Code.BOOL_AMONG_NUMBERS, message, node, suggestion, warning=True)
    texts = [node for kind, node in zip(kinds, values, strict=True) if kind == "text"]
    if texts:
        message = f"`{texts[0].value}` is text among numbers"
        suggestion = _suggest_for_text(texts[0], numbers)
        yield DomainFault(Code.MIXED_CHOICES, message, texts[0], suggestion, warning=True)


def _suggest_for_boolean(node: SourceNode) -> str:
    # YAML reads `[1, 2, off]` as a list that ends with a boolean.
    if node.raw_text.lower() in ("true", "false"):
        return f"for a number write `{int(node.value)}`"
    return f"YAML reads `{node.raw_text}` as `{format_value(node.value)}`; put text in quotes"


def _suggest_for_text(text: SourceNode, numbers: Sequence[SourceNode]) -> str:
    if not isinstance(literal(text.value), str | None):
        return f"for a number write `{format_value(literal(text.value))}`, without quotes"
    listed = ", ".join(f'`"{format_value(node.value)}"`' for node in numbers)
    return f"to make every value text, write {listed}"


def _kind(value: Any) -> str:
    match value:
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "text"
    return "other"

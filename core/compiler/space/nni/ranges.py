"""Draft NNI's numeric types: ranges, normal distributions, and their quantised forms.

NNI's type ``qX`` with the argument `q` is our domain ``X`` with the argument ``step=q``. NNI 1.0
and later round a value to a multiple of `q` and clip it to the bounds, as ``clip=true`` does.
Before NNI 1.0, values were not clipped, so that a rounded value could exceed the bounds, and grid
search interpreted `q` as the number of values.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import ceil
from typing import Any

from sweepwright.diagnostics import Code
from sweepwright.space import Real
from sweepwright.space.grid_levels import spread

from ..syntax.call_form import literal
from ..syntax.drafts import Drafts, ParameterSlot
from ..syntax.nodes import (
    Call,
    CallError,
    Form,
    ParameterExpr,
    SourceNode,
    format_value,
    node_at,
    number_fault,
)
from ..syntax.parameters import add_parameter
from .dialect import NniDialect, report_nni_error

RANGES: Mapping[str, tuple[str, ...]] = {
    "uniform": ("low", "high"),
    "quniform": ("low", "high", "q"),
    "loguniform": ("low", "high"),
    "qloguniform": ("low", "high", "q"),
    "normal": ("mu", "sigma"),
    "qnormal": ("mu", "sigma", "q"),
    "lognormal": ("mu", "sigma"),
    "qlognormal": ("mu", "sigma", "q"),
}
"""Mapping from each type to the names of the numbers in its `_value`.

`randint` is missing, since its numbers depend on the version.
"""


def draft_range(
    type_: str, value: Sequence[Any], slot: ParameterSlot, drafts: Drafts, dialect: NniDialect
) -> None:
    """Draft the parameter of a spec with a numeric type."""
    at = (*slot.at, "_value")
    nodes = node_at(value, at, drafts.spans).items
    names = _names(type_, dialect)
    if len(nodes) != len(names):
        message = (
            f"`{type_}` takes `[{', '.join(names)}]`, "
            f"but the list of `{slot.name}` has length {len(nodes)}"
        )
        suggestion = _suggest_other_version(type_, nodes, dialect)
        report_nni_error(drafts, message, drafts.spans.value(at), suggestion)
        return
    numbers = [_is_number(*pair, drafts) for pair in zip(names, nodes, strict=True)]
    if all(numbers):
        name = node_at(type_, (*slot.at, "_type"), drafts.spans)
        _add_range(name, nodes, slot, drafts, dialect)


def _names(type_: str, dialect: NniDialect) -> tuple[str, ...]:
    if type_ == "randint":
        return ("upper",) if dialect.v0 else ("lower", "upper")
    return RANGES[type_]


def _suggest_other_version(
    type_: str, nodes: Sequence[SourceNode], dialect: NniDialect
) -> str | None:
    """Suggest how to write a `randint` that was written for the other version."""
    if type_ != "randint" or not 1 <= len(nodes) <= 2:  # noqa: PLR2004 - the two versions
        return None
    if dialect.v0:
        return "before NNI 0.8, `randint` began at 0; for `[lower, upper]` remove `version: v0`"
    return f"write `[0, {format_value(nodes[0].value)}]`, which was the meaning before NNI 0.8"


def _is_number(name: str, node: SourceNode, drafts: Drafts) -> bool:
    value = node.value
    fault = number_fault(value)
    if fault is None:
        return True
    meant = literal(value) if isinstance(value, str) else None
    suggestion = None
    if isinstance(meant, int | float) and not isinstance(meant, bool):
        suggestion = f"this is text, not a number; write `{as_yaml(meant)}`"
    message = f"`{name}` is `{format_value(value)}`, {fault}"
    report_nni_error(drafts, message, node.span, suggestion)
    return False


def as_yaml(number: float) -> str:
    """Format a number for YAML 1.1, which requires a dot before the exponent."""
    # Python writes `1e-05`, which YAML 1.1 reads as text; `1.0e-5` is a number in both.
    digits, _, power = repr(number).partition("e")
    return f"{float(digits)}e{int(power):+d}" if power else digits


def _add_range(
    name: SourceNode,
    nodes: Sequence[SourceNode],
    slot: ParameterSlot,
    drafts: Drafts,
    dialect: NniDialect,
) -> None:
    try:
        call = _integers(name, nodes) if name.value == "randint" else _call(name, nodes)
        if dialect.v0 and name.value in ("quniform", "qloguniform"):
            call = (_as_q_values if dialect.q_is_count else _without_clipping)(call)
    except CallError as error:
        drafts.report_fault(error.fault, slot)
    else:
        add_parameter(ParameterExpr(call), slot, drafts)


def _call(name: SourceNode, nodes: Sequence[SourceNode]) -> Call:
    """Return the call of the equivalent domain.

    A quantised range is clipped to its bounds. A normal distribution has no bounds.
    """
    plain = name.value.removeprefix("q")
    keywords = {}
    if plain != name.value:
        keywords["step"] = (name, nodes[-1])
        if "normal" not in plain:
            keywords["clip"] = (name, replace(name, value=True))
    return Call(replace(name, value=plain), tuple(nodes[:2]), keywords, Form.NNI)


def _integers(name: SourceNode, nodes: Sequence[SourceNode]) -> Call:
    """Return the `int` call that is equivalent to a `randint`.

    `int` includes its upper bound, whereas `randint` excludes it. NNI rounds both bounds up.
    """
    lower = nodes[0] if len(nodes) > 1 else replace(name, value=0)
    # The integers x with lower <= x < upper begin at ceil(lower) and end below ceil(upper).
    first, beyond = ceil(lower.value), ceil(nodes[-1].value)
    if first >= beyond:
        suggestion = "`randint` excludes its `upper` bound"
        raise CallError("the domain is empty", nodes[-1], suggestion, Code.EMPTY_DOMAIN)
    bounds = (replace(lower, value=first), replace(nodes[-1], value=beyond - 1))
    return Call(replace(name, value="int"), bounds, {}, Form.NNI)


def _without_clipping(call: Call) -> Call:
    """Replace each bound by the nearest multiple of `q`, for an NNI version that does not clip.

    Before NNI 1.0, values were rounded but not clipped, so that they could exceed the bounds.
    """
    low, high = (node.value for node in call.arguments)
    step = call.keywords["step"]
    if not (step[1].value > 0 and low <= high):
        return call  # invalid in any version, and reported as such
    grid = Real(low, high, step=step[1].value, clip=True).grid
    assert grid, "a domain with a step has a grid"
    if call.name.value == "loguniform" and low > 0 and not grid.first:
        message = "rounded to `q`, the domain begins at 0, whose logarithm is not finite"
        suggestion = "begin above half of `q`"
        raise CallError(message, call.arguments[0], suggestion, Code.LOG_OF_NONPOSITIVE)
    # From 1 to 10 by 4, the values are 0, 4 and 8: 1 is rounded to 0, below the bound.
    multiples = (grid.first * grid.step, grid.last * grid.step)
    bounds = zip(call.arguments, multiples, strict=True)
    arguments = tuple(replace(node, value=float(multiple)) for node, multiple in bounds)
    return replace(call, arguments=arguments, keywords={"step": step})


def _as_q_values(call: Call) -> Call:
    """Return an `ordinal` of `q` values between the bounds, as in grid search before NNI 1.0."""
    low, high = (node.value for node in call.arguments)
    _, q = call.keywords["step"]
    log = call.name.value == "loguniform"
    if low > high or (log and low <= 0):
        return call  # invalid in any version, and reported as such
    if q.value != int(q.value) or not _MIN_VALUES <= q.value <= _MAX_VALUES:
        limits = f"from {_MIN_VALUES} to {_MAX_VALUES:,}"
        message = f"`q` must be an integer {limits}, not `{format_value(q.value)}`"
        raise CallError(message, q, _Q_WAS_COUNT, Code.BAD_NNI_SPACE)
    # `[0, 10, 5]` becomes `ordinal(0, 2.5, 5, 7.5, 10)`.
    values = spread(Real(low, high, log), int(q.value)).choices
    nodes = tuple(replace(call.name, value=value) for value in values)
    return Call(replace(call.name, value="ordinal"), nodes, {}, Form.NNI)


# The plan lists every value, so the number of values is limited.
_MIN_VALUES, _MAX_VALUES = 2, 100_000
_Q_WAS_COUNT = "before NNI 1.0, grid search tried `q` values; for a step remove `version: v0`"

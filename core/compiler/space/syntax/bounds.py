"""Check the bounds and the step of a domain, once all arguments have the right types."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sweepwright.diagnostics import Code
from sweepwright.domains import Grid, fraction
from sweepwright.space import Real

from .nodes import Call, DomainFault, Form, SourceNode


def bound_faults(call: Call, given: Mapping[str, SourceNode]) -> Iterator[DomainFault]:
    """Find faults in the values of the arguments of a range or a normal distribution."""
    if "std" in given and given["std"].value <= 0:
        message = f"`{argument_name(call, 'std')}` must be above 0"
        yield DomainFault(Code.BAD_ARGUMENTS, message, given["std"])
    step = given.get("step")
    if step and step.value <= 0:
        message = f"`{argument_name(call, 'step')}` must be above 0"
        yield DomainFault(Code.BAD_STEP, message, step)
    elif "clip" in given and given["clip"].value and not step:
        message = "`clip` needs a `step`"
        yield DomainFault(Code.BAD_ARGUMENTS, message, call.keywords["clip"][0])
    if "low" in given:
        yield from _range_faults(call, given)


def argument_name(call: Call, argument: str) -> str:
    """Return the name that an argument has in the notation of the call."""
    return _NNI_NAMES.get(argument, argument) if call.form is Form.NNI else argument


_NNI_NAMES = {"step": "q", "mean": "mu", "std": "sigma"}


def is_log(call: Call, given: Mapping[str, SourceNode]) -> bool:
    """Tell whether a range is logarithmic."""
    return call.name.value == "loguniform" or bool("log" in given and given["log"].value)


def _range_faults(call: Call, given: Mapping[str, SourceNode]) -> Iterator[DomainFault]:
    # Report only one fault per domain, since an empty or unbounded domain makes the later checks
    # meaningless.
    low, high, step = given["low"], given["high"], given.get("step")
    if low.value > high.value:
        table = call.form is Form.TABLE
        suggestion = f"put the smaller bound {'in `low`' if table else 'first'}"
        yield DomainFault(
            Code.EMPTY_DOMAIN, "the domain is empty", low, suggestion, "above `high`"
        )
    elif is_log(call, given) and low.value <= 0:
        message = "a logarithmic domain must begin above 0"
        suggestion = "begin at a small number above 0"
        yield DomainFault(Code.LOG_OF_NONPOSITIVE, message, low, suggestion)
    elif step and step.value > 0:
        yield from _step_faults(call, given, step)


def _step_faults(
    call: Call, given: Mapping[str, SourceNode], step: SourceNode
) -> Iterator[DomainFault]:
    low, high = given["low"].value, given["high"].value
    clip = "clip" in given and given["clip"].value
    grid = Real(low, high, step=step.value, clip=clip).grid
    assert grid, "a domain with a step has a grid"
    if grid.first > grid.last:
        message = f"the domain contains no multiple of `{step.value:g}`"
        yield DomainFault(Code.BAD_STEP, message, step)
    elif not grid.is_exact:
        yield DomainFault(
            Code.BAD_STEP, f"`{argument_name(call, 'step')}` is too fine to be exact", step
        )
    # With `clip`, a bound that is no multiple is itself a value: `quniform` from 1 to 10 by 4 has
    # the values 1, 4 and 8. Without it, the values begin at 4.
    elif grid.value(grid.first) != low and not clip:
        message = f"`low` is not a multiple of `step`: the values are {_multiples(grid)}"
        # An `ordinal` would lose the logarithmic scale.
        suggestion = None if is_log(call, given) else _suggest_from_low(low, high, step.value)
        yield DomainFault(Code.BAD_STEP, message, given["low"], suggestion, warning=True)


def _multiples(grid: Grid) -> str:
    count = grid.size
    values = [f"{grid.value(index):g}" for index in range(grid.first, grid.first + min(count, 2))]
    return ", ".join([*values, f"… {grid.value(grid.last):g}"] if count > 2 else values)  # noqa: PLR2004 - two show the step


def _suggest_from_low(low: float, high: float, step: float) -> str | None:
    """Suggest an `ordinal` of the values that begin at the lower bound, if there are few."""
    count = int((fraction(high) - fraction(low)) / fraction(step)) + 1
    if count > _FEW:
        return None
    values = [
        _format_number(fraction(low) + index * fraction(step), step) for index in range(count)
    ]
    return f"for {', '.join(values)} write `ordinal({', '.join(values)})`"


_FEW = 8
"""Largest number of values that a suggestion lists, so that it fits on one line."""


def _format_number(value: Fraction, step: Any) -> str:
    if isinstance(step, int) and value.denominator == 1:
        return str(value.numerator)
    return str(float(Decimal(value.numerator) / Decimal(value.denominator)))

"""Check the domain and the default of a parameter, and add the parameter to the drafts."""

from typing import Any

from sweepwright.diagnostics import Code, did_you_mean
from sweepwright.domains import LARGEST, Domain
from sweepwright.space import Categorical, Integer, Nested, Normal, Ordinal, Real

from .domains import make_domain
from .drafts import Drafts, ParameterSlot
from .hydra_sweeps import lower_sweep
from .nodes import CallError, Form, ParameterExpr, SourceNode, format_value


def add_parameter(expr: ParameterExpr, slot: ParameterSlot, drafts: Drafts) -> None:
    """Add a parameter to the drafts, or report every fault in the parameter."""
    try:
        # Hydra's sweeps become domains first, so that every check below applies to them as well.
        call = lower_sweep(expr.call)
    except CallError as error:
        drafts.report_fault(error.fault, slot)
        return
    domain, faults = make_domain(call)
    for fault in faults:
        drafts.report_fault(fault, slot)
    # The name now counts as invalid, since it was seen but not added. Expressions that refer to it
    # cause no further findings.
    if domain is None:
        return
    # Do not warn of ranges with one value in NNI's notation: NNI accepts them, and some of its own
    # examples contain them.
    if call.form is not Form.NNI:
        _warn_of_one_value(domain, slot, drafts)
    default = read_default(expr.default, domain, slot, drafts)
    drafts.add(slot, domain, default, expr.condition)


def read_default(
    default: SourceNode | None, domain: Domain, slot: ParameterSlot, drafts: Drafts
) -> Any:
    """Return the default as a value of the domain, or None if it is absent or invalid."""
    if default is None:
        return None
    number = domain.number(default.value)
    if number is not None:
        # A trial receives the value and not the text: for `int(1, 8) = 3.0`, the default is 3.
        return domain.value(number)
    message = f"the default `{format_value(default.value)}` of `{slot.name}` is not in its domain"
    suggestion = _nearest(domain, default.value)
    drafts.error(Code.BAD_DEFAULT, message, default.span, suggestion)
    return None


def _warn_of_one_value(domain: Domain, slot: ParameterSlot, drafts: Drafts) -> None:
    if isinstance(domain, Real | Integer) and domain.size == 1:
        grid = domain.grid
        # The only value need not be a bound: `int(4, 6, step=5)` contains only 5.
        only = domain.value(grid.value(grid.first) if grid else domain.low)
        message = f"`{slot.name}` has only one value, {only}"
        span = drafts.spans.value(slot.at)
        drafts.warn(Code.ONE_VALUE, message, span, f"write `{only}`")


def _nearest(domain: Domain, value: Any) -> str | None:
    """Suggest the value of the domain that the author most likely meant."""
    match domain:
        case Categorical(choices) | Ordinal(choices) | Nested(choices):
            return did_you_mean(str(value), [format_value(choice) for choice in choices])
        case _ if isinstance(value, bool) or not isinstance(value, int | float):
            return "give a number"
        case Normal(log=True) if value <= 0:
            return "give a number above 0"
        case _ if abs(value) <= LARGEST:
            return f"the nearest value is `{_closest(domain, value)}`"
    return "give a finite number"


def _closest(domain: Real | Integer | Normal, value: float) -> Any:
    if domain.grid is not None:
        return domain.value(domain.grid.nearest(value))
    return min(max(value, domain.low), domain.high) if isinstance(domain, Real) else value

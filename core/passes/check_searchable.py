"""Check that the tuner can search every parameter of the space."""

from typing import Any

from sweepwright.contracts import Provider
from sweepwright.diagnostics import Code, Report
from sweepwright.space import Domain, Integer, Nested, Normal, Ordinal, Parameter, Real

from ..registry import Registry
from ..stages import Part, Spaced

_ENOUGH = 3


def check_searchable(tuner: Part, spaced: Spaced, registry: Registry, report: Report) -> None:
    """Point at every parameter that the tuner cannot search."""
    for parameter in spaced.space.parameters:
        why = _unsearchable(tuner.provider, parameter.domain)
        if why:
            span = spaced.bound.resolved.places.value(spaced.origins[parameter.name])
            message = f"`{tuner}` cannot search `{parameter.name}`, {why}"
            able = _able(parameter, registry)
            way_out = f"give {able}" if able else None
            report.error(Code.UNSEARCHABLE_DOMAIN, message, span, help=way_out)


def _unsearchable(provider: Provider[Any, Any], domain: Domain) -> str | None:
    if type(domain) not in provider.searches:
        return f"which is {_kind(domain)}"
    if provider.finite_only and domain.size is None:
        return "which has no end of values"
    return None


def _able(parameter: Parameter, registry: Registry) -> str:
    """Name the tuners that can search a parameter, and ask for nothing else."""
    tuners = ((name, registry.find("tuner", name)) for name in registry.names("tuner"))
    able = [
        name
        for name, tuner in tuners
        if not (tuner.uses_budget or _unsearchable(tuner, parameter.domain))
    ]
    return " or ".join(f"`tuner={name}`" for name in able[:_ENOUGH])


def _kind(domain: Domain) -> str:
    match domain:
        case Real():
            return "a range of real numbers"
        case Integer():
            return "a range of integers"
        case Normal():
            return "a normal distribution"
        case Nested():
            return "a nested choice"
        case Ordinal():
            return "a choice of values in order"
        case _:
            return "a choice"

"""Check that the parts of a sweep agree with one another.

Before: parts that are each without fault. After: the same, known to work together.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sweepwright.contracts import Finding, Provider
from sweepwright.diagnostics import Code, Report
from sweepwright.space import Domain, Integer, Nested, Normal, Ordinal, Parameter, Real

from ..options import build_options
from ..registry import Registry
from ..stages import Assembled, Part, Spaced
from .ask_plugin import ask_plugin, problem_of


def check(assembled: Assembled, registry: Registry, report: Report) -> Assembled:
    """Check tuner and space, budget, options and resources."""
    spaced = assembled.spaced
    if tuner := spaced.bound.parts.get("tuner"):
        _check_searchable(tuner, spaced, registry, report)
        _check_budget(tuner, spaced, report)
    for kind in ("tuner", "assessor"):
        if part := spaced.bound.parts.get(kind):
            _ask_provider(part, spaced, registry, report)
    if platform := spaced.bound.parts.get("platform"):
        _check_resources(platform, assembled, registry, report)
    return assembled


def _check_searchable(tuner: Part, spaced: Spaced, registry: Registry, report: Report) -> None:
    """Point at every parameter that the tuner cannot search."""
    for parameter in spaced.space.parameters:
        why = _unsearchable(tuner.provider, parameter.domain)
        if why:
            span = spaced.bound.resolved.places.value(spaced.origins[parameter.name])
            message = f"`tuner={tuner.selected.name}` cannot search `{parameter.name}`, {why}"
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
    """Name the tuners that can search a parameter."""
    tuners = ((name, registry.find("tuner", name)) for name in registry.names("tuner"))
    able = [name for name, tuner in tuners if not _unsearchable(tuner, parameter.domain)]
    return " or ".join(f"`tuner={name}`" for name in able[:_ENOUGH])


_ENOUGH = 3


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


def _check_budget(tuner: Part, spaced: Spaced, report: Report) -> None:
    resolved = spaced.bound.resolved
    if tuner.provider.uses_budget and resolved.budget_known and resolved.settings.budget is None:
        span = resolved.places.value(("tuner", "name"))
        message = f"`tuner={tuner.selected.name}` needs the sweep to have a `budget`"
        way_out = "give `'budget={maximum: 81, unit: epochs}'`"
        report.error(Code.MISSING_BUDGET, message, span, help=way_out)


def _ask_provider(part: Part, spaced: Spaced, registry: Registry, report: Report) -> None:
    """Let a provider check its own options, once everything it looks at is without fault."""
    resolved = spaced.bound.resolved
    test = part.provider.check
    if test is None or not (part.sound and spaced.whole and resolved.budget_known):
        return

    def ask() -> list[Finding]:
        options = build_options(part.provider.options, part.selected.options)
        return list(test(options, problem_of(spaced)))

    for finding in ask_plugin(ask, part, registry, spaced, report) or []:
        span = resolved.places.value((part.selected.kind, *finding.path))
        report.error(Code.REFUSED_OPTION, finding.message, span, help=finding.help)


def _check_resources(
    platform: Part, assembled: Assembled, registry: Registry, report: Report
) -> None:
    slots = platform.provider.slots
    if slots is None or assembled.code is None or not platform.sound:
        return
    asked = ask_plugin(
        lambda: dict(slots(build_options(platform.provider.options, platform.selected.options))),
        platform,
        registry,
        assembled.spaced,
        report,
    )
    if asked is not None:
        _compare(asked, platform.selected.name, assembled, report)


def _compare(
    slots: Mapping[str, float], platform: str, assembled: Assembled, report: Report
) -> None:
    places = assembled.spaced.bound.resolved.places
    for role, resource, needed in _needs(assembled):
        span = places.value(("trial", "roles", role, "resources", resource))
        if resource not in slots:
            known = ", ".join(f"`{name}`" for name in sorted(slots)) or "nothing"
            message = f"`platform={platform}` knows no resource `{resource}`"
            report.error(Code.UNKNOWN_RESOURCE, message, span, help=f"it knows {known}")
        elif needed > slots[resource]:
            has = f"`platform={platform}` has {slots[resource]:g} in all"
            message = f"a trial needs {needed:g} `{resource}`, and {has}"
            report.error(Code.TOO_FEW_SLOTS, message, span)


def _needs(assembled: Assembled) -> Iterator[tuple[str, str, float]]:
    """Yield the need of a whole trial for each resource, with the last role that adds to it."""
    needs: dict[str, tuple[str, float]] = {}
    for role in assembled.code.roles if assembled.code else ():
        for resource, amount in role.resources.items():
            before = needs.get(resource, ("", 0.0))[1]
            needs[resource] = (role.name, before + amount * role.replicas)
    yield from ((role, resource, needed) for resource, (role, needed) in needs.items())

"""Check that the platform can run what the framework makes of the trial.

Check what a trial needs of each resource against what the platform has.
"""

from collections.abc import Iterator, Mapping

from sweepwright.contracts import Capability, Command, TrialCode
from sweepwright.diagnostics import Code, Report

from ...registry.options import build_options
from ...registry.registry import Registry
from ..passes.provider_calls import ask_plugin
from ..stages import Assembled, BoundFramework, BoundPlatform

_ENOUGH = 3


def check_platform(
    platform: BoundPlatform, assembled: Assembled, registry: Registry, report: Report
) -> None:
    """Report what is asked of a platform that it cannot do, with those that can do all of it."""
    if assembled.code is None:
        return
    asked = dict(_asked(assembled.spaced.bound.framework, assembled.code))
    span = assembled.spaced.bound.resolved.spans.value(("platform", "name"))
    name = f"`platform={platform.selection.name}`"
    for able in sorted(asked.keys() - platform.provider.capabilities):
        message = f"{asked[able]} needs a platform that runs {able.value}, and {name} does not"
        way_out = _others(frozenset(asked), registry)
        report.error(Code.UNSUITED_PLATFORM, message, span, help=way_out)


def _asked(framework: BoundFramework | None, code: TrialCode) -> Iterator[tuple[Capability, str]]:
    """Yield what a platform has to be able to do, each with who asks for it."""
    if framework:
        name = f"`framework={framework.selection.name}`"
        yield from ((able, name) for able in framework.provider.needs)
    if len(code.roles) > 1:
        yield Capability.ROLES, f"trial `{code.name}`"
    for role in code.roles:
        is_program = isinstance(role.entry, Command)
        who = f"role `{role.name}`" if len(code.roles) > 1 else f"trial `{code.name}`"
        yield Capability.PROGRAMS if is_program else Capability.PYTHON, who


def _others(asked: frozenset[Capability], registry: Registry) -> str | None:
    """Name platforms that can do all that is asked."""
    names = registry.names("platform")
    able = [name for name in names if asked <= registry.find("platform", name).capabilities]
    ways = " or ".join(f"`platform={name}`" for name in able[:_ENOUGH])
    return f"give {ways}" if ways else None


def check_resources(
    platform: BoundPlatform, assembled: Assembled, registry: Registry, report: Report
) -> None:
    """Compare the needs of one trial, and of as many as are to run at once."""
    slots = platform.provider.slots
    if slots is None or assembled.code is None or not platform.options_valid:
        return
    asked = ask_plugin(
        lambda: dict(slots(build_options(platform.provider.options, platform.selection.options))),
        platform,
        registry,
        assembled.spaced,
        report,
    )
    if asked is not None:
        _compare(asked, platform.selection.name, assembled, report)


def _compare(
    slots: Mapping[str, float], platform: str, assembled: Assembled, report: Report
) -> None:
    spans = assembled.spaced.bound.resolved.spans
    before = len(report.diagnostics)
    for role, resource, needed in _needs(assembled):
        span = spans.value(("trial", "roles", role, "resources", resource))
        if resource not in slots:
            known = ", ".join(f"`{name}`" for name in sorted(slots)) or "nothing"
            message = f"`platform={platform}` knows no resource `{resource}`"
            report.error(Code.UNKNOWN_RESOURCE, message, span, help=f"it knows {known}")
        elif needed > slots[resource]:
            has = f"`platform={platform}` has {slots[resource]:g} in all"
            message = f"a trial needs {needed:g} `{resource}`, and {has}"
            report.error(Code.TOO_FEW_SLOTS, message, span)
    if len(report.diagnostics) == before:
        _check_room(slots, platform, assembled, report)


def _check_room(
    slots: Mapping[str, float], platform: str, assembled: Assembled, report: Report
) -> None:
    """Warn when fewer trials have room than are to run at once."""
    resolved = assembled.spaced.bound.resolved
    rooms = [
        (int(slots[resource] // needed), resource, needed)
        for _, resource, needed in _needs(assembled)
        if needed > 0
    ]
    room, resource, needed = min(rooms, default=(resolved.settings.concurrency, "", 0.0))
    if room >= resolved.settings.concurrency or not resolved.is_valid("concurrency"):
        return
    trials = "1 trial" if room == 1 else f"{room} trials"
    message = (
        f"`concurrency` is {resolved.settings.concurrency},"
        f" and `platform={platform}` has room for {trials} at once"
    )
    note = f"each needs {needed:g} `{resource}`, of which there are {slots[resource]:g}"
    way_out = f"give `concurrency={room}`"
    span = resolved.spans.value(("concurrency",))
    report.warn(Code.IDLE_SLOTS, message, span, notes=(note,), help=way_out)


def _needs(assembled: Assembled) -> Iterator[tuple[str, str, float]]:
    """Yield the need of a whole trial for each resource, with the last role that adds to it."""
    needs: dict[str, tuple[str, float]] = {}
    for role in assembled.code.roles if assembled.code else ():
        for resource, amount in role.resources.items():
            before = needs.get(resource, ("", 0.0))[1]
            needs[resource] = (role.name, before + amount * role.replicas)
    yield from ((role, resource, needed) for resource, (role, needed) in needs.items())

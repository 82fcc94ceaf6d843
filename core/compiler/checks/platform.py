"""Checks of the platform: whether it can run the trial and has the resources for it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sweepwright.contracts import Capability, Command, TrialCode
from sweepwright.diagnostics import Code, Report, plural

from ...registry.registry import Registry
from ..passes.provider_calls import call_provider
from ..stages import Assembled, BoundFramework, BoundPlatform

_MOST_NAMED = 3
"""Maximum number of alternatives that a help text names."""


def check_capabilities(assembled: Assembled, report: Report) -> None:
    """Report needed capabilities that the platform lacks, and suggest platforms that have them."""
    platform = assembled.bound.platform
    if platform is None or assembled.code is None:
        return
    needed = dict(_needed_capabilities(assembled.bound.framework, assembled.code))
    span = assembled.spans.value(platform.name_path)
    for capability in sorted(needed.keys() - platform.provider.capabilities):
        message = (
            f"{needed[capability]} needs a platform that runs {capability.value},"
            f" but `{platform}` does not"
        )
        way_out = _platforms_with(frozenset(needed), assembled.registry)
        report.error(Code.UNSUITED_PLATFORM, message, span, help=way_out)


def _needed_capabilities(
    framework: BoundFramework | None, code: TrialCode
) -> Iterator[tuple[Capability, str]]:
    """Yield each needed capability, and the framework, trial or role that needs it."""
    if framework:
        yield from ((capability, f"`{framework}`") for capability in framework.provider.needs)
    if len(code.roles) > 1:
        yield Capability.ROLES, f"trial `{code.name}`"
    for role in code.roles:
        # The caller makes a mapping of these pairs, in which later pairs replace earlier ones.
        # Therefore the most specific user of a capability comes last.
        is_program = isinstance(role.entry, Command)
        who = f"role `{role.name}`" if len(code.roles) > 1 else f"trial `{code.name}`"
        yield Capability.PROGRAMS if is_program else Capability.PYTHON, who


def _platforms_with(needed: frozenset[Capability], registry: Registry) -> str | None:
    names = registry.names("platform")
    able = [name for name in names if needed <= registry.find("platform", name).capabilities]
    ways = " or ".join(f"`platform={name}`" for name in able[:_MOST_NAMED])
    return f"give {ways}" if ways else None


def check_resources(assembled: Assembled, report: Report) -> None:
    """Check that the platform has resources for one trial, and for `concurrency` trials."""
    platform = assembled.bound.platform
    if platform is None or not platform.options_valid or assembled.code is None:
        return
    slots = platform.provider.slots
    if slots is None:
        return
    available = call_provider(
        lambda options: dict(slots(options)), platform, assembled.spaced, report
    )
    if available is None:
        return
    needs = list(_needs(assembled.code))
    if _are_available(needs, available, platform, assembled, report):
        _check_room(needs, available, platform, assembled, report)


@dataclass(frozen=True, slots=True)
class _Need:
    """The amount of a resource that all replicas of all roles of a trial need together."""

    resource: str
    amount: float
    role: str
    """The last role that contributes to the amount."""


def _needs(code: TrialCode) -> Iterator[_Need]:
    needs: dict[str, _Need] = {}
    for role in code.roles:
        for resource, each in role.resources.items():
            before = needs[resource].amount if resource in needs else 0.0
            needs[resource] = _Need(resource, before + each * role.replicas, role.name)
    yield from needs.values()


def _are_available(
    needs: list[_Need],
    available: Mapping[str, float],
    platform: BoundPlatform,
    assembled: Assembled,
    report: Report,
) -> bool:
    """Tell whether the platform has enough resources for a single trial.

    Each resource that the platform lacks, or has too little of, is reported.
    """
    before = len(report.diagnostics)
    for need in needs:
        resource = need.resource
        span = assembled.spans.value(("trial", "roles", need.role, "resources", resource))
        if resource not in available:
            known = ", ".join(f"`{name}`" for name in sorted(available)) or "nothing"
            message = f"`{platform}` has no resource `{resource}`"
            report.error(Code.UNKNOWN_RESOURCE, message, span, help=f"it has {known}")
        elif need.amount > available[resource]:
            has = f"`{platform}` has only {available[resource]:g}"
            message = f"a trial needs {need.amount:g} `{resource}`, but {has}"
            way_out = (
                "ask for less, counting all replicas of all roles, or choose another platform"
            )
            report.error(Code.TOO_FEW_SLOTS, message, span, help=way_out)
    return len(report.diagnostics) == before


def _check_room(
    needs: list[_Need],
    available: Mapping[str, float],
    platform: BoundPlatform,
    assembled: Assembled,
    report: Report,
) -> None:
    """Warn if the platform has room for fewer trials than `concurrency`."""
    concurrency = assembled.settings.concurrency
    rooms = [
        (int(available[need.resource] // need.amount), need.resource, need.amount)
        for need in needs
        if need.amount > 0
    ]
    # The scarcest resource limits the number of trials. A trial that needs no resources has no
    # such limit.
    room, resource, amount = min(rooms, default=(concurrency, "", 0.0))
    if room >= concurrency or not assembled.resolved.is_valid("concurrency"):
        return
    trials = plural(room, "trial")
    message = f"`concurrency` is {concurrency}, but `{platform}` has room for only {trials}"
    has = f"the platform has {available[resource]:g}"
    note = f"each trial needs {amount:g} `{resource}`, and {has}"
    span = assembled.spans.value(("concurrency",))
    way_out = f"give `concurrency={room}`"
    report.warn(Code.IDLE_SLOTS, message, span, notes=(note,), help=way_out)

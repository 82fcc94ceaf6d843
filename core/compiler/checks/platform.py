"""Checks of the platform: its options, and whether it has all that the trial needs."""

from collections.abc import Iterator, Mapping
from math import inf

from sweepwright.contracts import Capability, Command, TrialCode
from sweepwright.diagnostics import Code, Report, plural

from ...plan.machine_needs import Need, resource_findings, resource_needs
from ...registry.registry import Registry
from ..passes.provider_calls import call_provider
from ..stages import Assembled, BoundFramework, BoundPlatform
from .options import report_findings

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


def check_platform(assembled: Assembled, report: Report) -> None:
    """Let the platform check its options against the trial, and report its findings."""
    platform, code = assembled.bound.platform, assembled.code
    if platform is None or not platform.options_valid or code is None:
        return
    check = platform.provider.check
    if check is None:
        return
    found = call_provider(
        lambda options: list(check(options, code)), platform, assembled.spaced, report
    )
    report_findings(found or (), platform, assembled, report)


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
    needs = resource_needs(assembled.code)
    findings = list(resource_findings(needs, available, str(platform)))
    for need, found in findings:
        path = ("trial", "roles", need.role, "resources", need.resource)
        report.add(found, assembled.spans.value(path))
    if not findings:
        _check_room(needs, available, platform, assembled, report)


def _check_room(
    needs: list[Need],
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
        if need.amount > 0 and available[need.resource] < inf
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

"""Check what a trial needs of each resource against what the platform has."""

from collections.abc import Iterator, Mapping

from sweepwright.diagnostics import Code, Report

from ..options import build_options
from ..registry import Registry
from ..stages import Assembled, Part
from .ask_plugin import ask_plugin


def check_resources(
    platform: Part, assembled: Assembled, registry: Registry, report: Report
) -> None:
    """Compare the needs of one trial, and of as many as are to run at once."""
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
    before = len(report.diagnostics)
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
    if room >= resolved.settings.concurrency or not resolved.meant("concurrency"):
        return
    trials = "1 trial" if room == 1 else f"{room} trials"
    message = (
        f"`concurrency` is {resolved.settings.concurrency},"
        f" and `platform={platform}` has room for {trials} at once"
    )
    note = f"each needs {needed:g} `{resource}`, of which there are {slots[resource]:g}"
    way_out = f"give `concurrency={room}`"
    span = resolved.places.value(("concurrency",))
    report.warn(Code.IDLE_SLOTS, message, span, notes=(note,), help=way_out)


def _needs(assembled: Assembled) -> Iterator[tuple[str, str, float]]:
    """Yield the need of a whole trial for each resource, with the last role that adds to it."""
    needs: dict[str, tuple[str, float]] = {}
    for role in assembled.code.roles if assembled.code else ():
        for resource, amount in role.resources.items():
            before = needs.get(resource, ("", 0.0))[1]
            needs[resource] = (role.name, before + amount * role.replicas)
    yield from ((role, resource, needed) for resource, (role, needed) in needs.items())

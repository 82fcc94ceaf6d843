"""Check that the platform can run what the framework makes of the trial."""

from collections.abc import Iterator

from sweepwright.contracts import Capability, Command, TrialCode
from sweepwright.diagnostics import Code, Report

from ..registry import Registry
from ..stages import Assembled, Part

_ENOUGH = 3


def check_platform(
    platform: Part, assembled: Assembled, registry: Registry, report: Report
) -> None:
    """Report what is asked of a platform that it cannot do, with those that can do all of it."""
    if assembled.code is None:
        return
    asked = dict(_asked(assembled.spaced.bound.parts.get("framework"), assembled.code))
    span = assembled.spaced.bound.resolved.places.value(("platform", "name"))
    name = f"`platform={platform.selected.name}`"
    for able in sorted(asked.keys() - platform.provider.capabilities):
        message = f"{asked[able]} needs a platform that runs {able.value}, and {name} does not"
        way_out = _others(frozenset(asked), registry)
        report.error(Code.UNSUITED_PLATFORM, message, span, help=way_out)


def _asked(framework: Part | None, code: TrialCode) -> Iterator[tuple[Capability, str]]:
    """Yield what a platform has to be able to do, each with who asks for it."""
    if framework:
        name = f"`framework={framework.selected.name}`"
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

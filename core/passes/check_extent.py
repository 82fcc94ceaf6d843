"""Check how much there is to try against how much is to be tried."""

from math import prod

from sweepwright.diagnostics import Code, Report
from sweepwright.space import Categorical, Nested, Ordinal, SearchSpace

from ..registry import Registry
from ..stages import Part, Spaced
from .ask_plugin import ask_about

HUGE = 1_000_000
"""Trials that no sweep gets through."""
_ENOUGH = 3


def check_extent(tuner: Part, spaced: Spaced, registry: Registry, report: Report) -> None:
    """Warn of a space that is soon used up, and of a grid that never is."""
    if not spaced.whole or not spaced.bound.resolved.meant("max_trials"):
        return
    total = None
    if question := tuner.provider.ends_after:
        total = ask_about(question, tuner, registry, spaced, report)
    if tuner.provider.in_order:
        _check_grid(tuner, total, spaced, registry, report)
    _check_size(tuner, total, spaced, report)


def _check_size(tuner: Part, total: int | None, spaced: Spaced, report: Report) -> None:
    resolved = spaced.bound.resolved
    size, limit = spaced.space.size, resolved.settings.max_trials
    ends = tuner.provider.ends_after is not None
    if not size or limit is None or size >= limit or (ends and total != size):
        return
    name = f"`tuner={tuner.selected.name}`"
    after = "ends once it has tried each" if ends else "tries some of them again"
    most = "" if spaced.space.counted else "at most "
    noun = "assignment" if size == 1 else "assignments"
    message = f"the space holds {most}{size} {noun}, fewer than `max_trials`, {limit}"
    span = resolved.places.value(("max_trials",))
    way_out = f"give `max_trials={size}`"
    report.warn(Code.SMALL_SPACE, message, span, notes=(f"{name} {after}",), help=way_out)


def _check_grid(
    tuner: Part, total: int | None, spaced: Spaced, registry: Registry, report: Report
) -> None:
    resolved = spaced.bound.resolved
    settings = resolved.settings
    message = _too_much(f"`tuner={tuner.selected.name}`", total, settings.max_trials, spaced.space)
    if message is None or (settings.max_trials is None and settings.max_duration is not None):
        return
    others = [name for name in registry.names("tuner") if _draws(name, registry)]
    ways = [] if settings.max_trials else ["give `max_trials=…`"]
    ways += [f"draw from the space with {' or '.join(f'`tuner={n}`' for n in others[:_ENOUGH])}"]
    span = resolved.places.value(("tuner", "name"))
    report.warn(Code.HUGE_GRID, message, span, help=", or ".join(ways))


def _too_much(name: str, total: int | None, limit: int | None, space: SearchSpace) -> str | None:
    """Say why a tuner that goes through a space will not get through it."""
    if limit is None:
        if total is None:
            return f"{name} finds no end in this space, and the sweep has no limit"
        return f"{name} would try {total:,} assignments" if total > HUGE else None
    if total is not None and total <= HUGE:
        return None
    if total is not None and total != space.size:
        # It has made a list of its own, and goes by that.
        return f"{name} goes through {total:,} assignments in turn, and sees the first {limit}"
    # Of numbers it tries a few at first and ever more between them; of choices all, in turn.
    choices = [p.domain for p in space.parameters if p.when is None and p.condition is None]
    count = prod(d.size for d in choices if isinstance(d, Categorical | Ordinal | Nested))
    if count <= HUGE:
        return None
    return f"the choices alone make {count:,} combinations, of which {name} sees the first {limit}"


def _draws(name: str, registry: Registry) -> bool:
    provider = registry.find("tuner", name)
    return not (provider.in_order or provider.uses_budget)

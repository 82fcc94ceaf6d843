"""Let a provider check its own options against what it is to solve.

Check that the tuner can search every parameter of the space.

Check how much there is to try against how much is to be tried.

Check that as many trials can run at once as the sweep asks for.
"""

from collections.abc import Iterable
from math import prod
from typing import Any

from sweepwright.contracts import Finding, Problem, TunerProvider
from sweepwright.diagnostics import Code, Report
from sweepwright.space import (
    Categorical,
    Domain,
    Integer,
    Nested,
    Normal,
    Ordinal,
    Parameter,
    Real,
    SearchSpace,
)

from ...registry.registry import Registry
from ..passes.provider_calls import ask_about
from ..settings import Settings
from ..stages import BoundAssessor, BoundTuner, Spaced


def check_refusals(
    chosen: BoundTuner | BoundAssessor, spaced: Spaced, registry: Registry, report: Report
) -> bool:
    """Report what a provider finds, and tell whether all is well.

    It is asked once everything that it looks at is without fault.
    """
    resolved = spaced.bound.resolved
    uses_budget = isinstance(chosen.provider, TunerProvider) and chosen.provider.uses_budget
    lacking = uses_budget and resolved.settings.budget is None
    if lacking or not (chosen.options_valid and spaced.complete and resolved.budget_valid):
        return False
    test = chosen.provider.check or _content

    def listed(options: Any, problem: Problem) -> list[Finding]:
        return list(test(options, problem))

    found = ask_about(listed, chosen, registry, spaced, report)
    for finding in found or []:
        span = resolved.spans.value((*chosen.options_path, *finding.path))
        report.error(Code.REFUSED_OPTION, finding.message, span, help=finding.help)
    return found == []


def _content(_options: Any, _problem: Problem) -> Iterable[Finding]:
    return ()


_MOST_NAMED = 3


def check_searchable(
    tuner: BoundTuner, spaced: Spaced, registry: Registry, report: Report
) -> None:
    """Point at every parameter that the tuner cannot search."""
    for parameter in spaced.space.parameters:
        why = _unsearchable(tuner.provider, parameter.domain)
        if why:
            span = spaced.bound.resolved.spans.value(spaced.origins[parameter.name])
            message = f"`{tuner}` cannot search `{parameter.name}`, {why}"
            able = _able(parameter, registry)
            way_out = f"give {able}" if able else None
            report.error(Code.UNSEARCHABLE_DOMAIN, message, span, help=way_out)


def _unsearchable(provider: TunerProvider[Any], domain: Domain) -> str | None:
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
    return " or ".join(f"`tuner={name}`" for name in able[:_MOST_NAMED])


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


HUGE = 1_000_000
"""Trials that no sweep gets through."""
_ENOUGH = 3


def check_extent(tuner: BoundTuner, spaced: Spaced, registry: Registry, report: Report) -> None:
    """Warn of a space that is soon used up, and of a grid that never is."""
    if not spaced.complete or not spaced.bound.resolved.is_valid("max_trials"):
        return
    total = None
    if question := tuner.provider.ends_after:
        total = ask_about(question, tuner, registry, spaced, report)
    if tuner.provider.enumerates:
        _check_grid(tuner, total, spaced, registry, report)
    _check_size(tuner, total, spaced, report)


def _check_size(tuner: BoundTuner, total: int | None, spaced: Spaced, report: Report) -> None:
    resolved = spaced.bound.resolved
    size, limit = spaced.space.size, resolved.settings.max_trials
    ends = tuner.provider.ends_after is not None
    if not size or limit is None or size >= limit or (ends and total != size):
        return
    name = f"`tuner={tuner.selection.name}`"
    after = "ends once it has tried each" if ends else "tries some of them again"
    most = "" if spaced.space.counted else "at most "
    noun = "assignment" if size == 1 else "assignments"
    message = f"the space holds {most}{size} {noun}, fewer than `max_trials`, {limit}"
    span = resolved.spans.value(("max_trials",))
    way_out = f"give `max_trials={size}`"
    report.warn(Code.SMALL_SPACE, message, span, notes=(f"{name} {after}",), help=way_out)


def _check_grid(
    tuner: BoundTuner, total: int | None, spaced: Spaced, registry: Registry, report: Report
) -> None:
    resolved = spaced.bound.resolved
    settings = resolved.settings
    message = _too_much(
        f"`tuner={tuner.selection.name}`", total, settings.max_trials, spaced.space
    )
    if message is None or (settings.max_trials is None and settings.max_duration is not None):
        return
    others = [name for name in registry.names("tuner") if _draws(name, registry)]
    ways = [] if settings.max_trials else ["give `max_trials=…`"]
    ways += [f"draw from the space with {' or '.join(f'`tuner={n}`' for n in others[:_ENOUGH])}"]
    span = resolved.spans.value(("tuner", "name"))
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
    return not (provider.enumerates or provider.uses_budget)


def check_concurrency(
    tuner: BoundTuner, spaced: Spaced, registry: Registry, report: Report
) -> None:
    """Warn of room for trials that the tuner, or the sweep's end, leaves empty."""
    resolved = spaced.bound.resolved
    asked, in_all = resolved.settings.concurrency, resolved.settings.max_trials
    if not (resolved.is_valid("concurrency") and resolved.is_valid("max_trials")):
        return
    question = tuner.provider.max_concurrency
    most = ask_about(question, tuner, registry, spaced, report) if question else None
    if most is not None and most < asked:
        name = f"`tuner={tuner.selection.name}`"
        _warn(f"{name} has at most {most} running at once", most, spaced, report)
    elif in_all is not None and in_all < asked != Settings().concurrency:
        trials = "1 trial" if in_all == 1 else f"{in_all} trials"
        _warn(f"the sweep has {trials} in all", in_all, spaced, report)


def _warn(why: str, most: int, spaced: Spaced, report: Report) -> None:
    resolved = spaced.bound.resolved
    message = f"`concurrency` is {resolved.settings.concurrency}, and {why}"
    span = resolved.spans.value(("concurrency",))
    report.warn(Code.IDLE_CONCURRENCY, message, span, help=f"give `concurrency={most}`")

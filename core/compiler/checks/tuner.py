"""Checks of the tuner: the domains that it can search, its last trial, its concurrent trials."""

from itertools import islice
from math import prod
from typing import Any

from sweepwright.contracts import TunerProvider
from sweepwright.diagnostics import Code, Report, plural
from sweepwright.space import (
    Categorical,
    Domain,
    Integer,
    Nested,
    Normal,
    Ordinal,
    Real,
    SearchSpace,
)

from ...plan.plan import Selection
from ...registry.options import check_options, option_defaults
from ..passes.provider_calls import call_with_problem
from ..settings import Settings
from ..stages import Assembled, BoundProvider, BoundTuner
from .brackets import check_brackets
from .options import accepts_problem

HUGE = 1_000_000
"""Number of assignments that no sweep can finish. One trial per second would take eleven days."""
_MOST_NAMED = 3
"""Maximum number of alternatives that a help text names."""


def check_tuner(assembled: Assembled, report: Report) -> None:
    """Check the tuner against the space and the limits of the sweep."""
    tuner = assembled.bound.tuner
    if tuner is None:
        return
    _check_searchable(tuner, assembled, report)
    if accepts_problem(tuner, assembled, report):
        _check_extent(tuner, assembled, report)
        _check_concurrency(tuner, assembled, report)
        check_brackets(tuner, assembled, report)


def check_sampler(assembled: Assembled, report: Report) -> None:
    """Check the sampler: the tuner that chooses the assignments for a tuner with budgets."""
    if sampler := assembled.bound.sampler:
        _check_searchable(sampler, assembled, report)
        accepts_problem(sampler, assembled, report)


def _check_searchable(tuner: BoundTuner, assembled: Assembled, report: Report) -> None:
    """Report every parameter that the tuner cannot search."""
    spaced = assembled.spaced
    for parameter in spaced.space.parameters:
        if why := _unsearchable(tuner.provider, parameter.domain):
            span = assembled.spans.value(spaced.origins[parameter.name])
            message = f"`{tuner}` cannot search `{parameter.name}`, {why}"
            able = _alternatives(tuner, assembled)
            way_out = f"give {able}" if able else None
            report.error(Code.UNSEARCHABLE_DOMAIN, message, span, help=way_out)


def _unsearchable(provider: TunerProvider[Any], domain: Domain) -> str | None:
    if type(domain) not in provider.searches:
        return f"which is {_kind(domain)}"
    if provider.finite_only and domain.size is None:
        return "which has infinitely many values"
    return None


def _alternatives(
    tuner: BoundTuner, assembled: Assembled, *, enumerating: bool = True
) -> str | None:
    """Name tuners that could replace a tuner without any other change to the sweep."""
    names = assembled.registry.names("tuner")
    able = (n for n in names if _is_alternative(n, assembled, enumerating=enumerating))
    kind = "tuner.sampler" if tuner.sampler else "tuner"
    return " or ".join(f"`{kind}={name}`" for name in islice(able, _MOST_NAMED)) or None


def _is_alternative(name: str, assembled: Assembled, *, enumerating: bool) -> bool:
    provider = assembled.registry.find("tuner", name)
    domains = [parameter.domain for parameter in assembled.spaced.space.parameters]
    # A tuner with budgets would need a `budget`, but the sweep may not have one.
    if provider.uses_budget or (provider.enumerates and not enumerating):
        return False
    if any(_unsearchable(provider, domain) for domain in domains):
        return False
    options = option_defaults(provider.options)
    if check_options(provider.options, options):
        return False  # an option without a default
    chosen: BoundTuner = BoundProvider(
        provider, Selection("tuner", name, options), options_valid=True
    )
    return accepts_problem(chosen, assembled, Report())


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


def _check_extent(tuner: BoundTuner, assembled: Assembled, report: Report) -> None:
    """Warn if the space has fewer assignments than trials, or if a grid has far too many."""
    spaced = assembled.spaced
    if not assembled.resolved.is_valid("max_trials"):
        return
    total = None
    if ends_after := tuner.provider.ends_after:
        total = call_with_problem(ends_after, tuner, spaced, report)
    if tuner.provider.enumerates:
        _check_grid(tuner, total, assembled, report)
    _check_size(tuner, total, assembled, report)


def _check_grid(
    tuner: BoundTuner, total: int | None, assembled: Assembled, report: Report
) -> None:
    settings = assembled.settings
    message = _too_much(f"`{tuner}`", total, settings.max_trials, assembled.spaced.space)
    # With `max_duration`, a sweep ends even if its grid is infinite.
    if message is None or (settings.max_trials is None and settings.max_duration is not None):
        return
    ways = [] if settings.max_trials else ["give `max_trials=…`"]
    if sampling := _alternatives(tuner, assembled, enumerating=False):
        ways.append(f"sample the space with {sampling}")
    span = assembled.spans.value(tuner.name_path)
    report.warn(Code.HUGE_GRID, message, span, help=", or ".join(ways) or None)


def _too_much(name: str, total: int | None, limit: int | None, space: SearchSpace) -> str | None:
    """Say why a tuner cannot enumerate the whole space; return None if it can."""
    if limit is None:
        if total is None:
            return f"{name} never finishes this space, and the sweep has no limit"
        return f"{name} would try {total:,} assignments" if total > HUGE else None
    if total is not None and total <= HUGE:
        return None
    if total is not None and total != space.size:
        # The tuner enumerates a list made from explicit levels, rather than the space.
        return f"{name} would try {total:,} assignments, but `max_trials` ends it after {limit}"
    # A grid refines numeric domains step by step: it first tries a few values, and later more
    # values between them. In contrast, it enumerates all combinations of the choices.
    choices = [p.domain for p in space.parameters if p.when is None and p.condition is None]
    count = prod(d.size for d in choices if isinstance(d, Categorical | Ordinal | Nested))
    if count <= HUGE:
        return None
    return (
        f"the choices alone have {count:,} combinations, of which {name} tries the first {limit}"
    )


def _check_size(
    tuner: BoundTuner, total: int | None, assembled: Assembled, report: Report
) -> None:
    space, limit = assembled.spaced.space, assembled.settings.max_trials
    ends = tuner.provider.ends_after is not None
    # If the number of trials of a tuner differs from the size of the space, the tuner has its own
    # list of assignments.
    if not space.size or limit is None or space.size >= limit or (ends and total != space.size):
        return
    once, repeatedly = "ends after it has tried each assignment once", "repeats some assignments"
    after = once if ends else repeatedly
    most = "" if space.counted else "at most "
    count = plural(space.size, "assignment")
    message = f"the space has {most}{count}, but `max_trials` is {limit}"
    notes = (f"`{tuner}` {after}",)
    span = assembled.spans.value(("max_trials",))
    way_out = f"give `max_trials={space.size}`"
    report.warn(Code.SMALL_SPACE, message, span, notes=notes, help=way_out)


def _check_concurrency(tuner: BoundTuner, assembled: Assembled, report: Report) -> None:
    """Warn if the number of trials that run at once can never reach `concurrency`."""
    resolved, settings = assembled.resolved, assembled.settings
    asked, trials = settings.concurrency, settings.max_trials
    if not (resolved.is_valid("concurrency") and resolved.is_valid("max_trials")):
        return
    max_concurrency = tuner.provider.max_concurrency
    most = None
    if max_concurrency:
        most = call_with_problem(max_concurrency, tuner, assembled.spaced, report)
    if most is not None and most < asked:
        _warn_of_idle(
            f"`{tuner}` runs at most {plural(most, 'trial')} at once", most, assembled, report
        )
    # If `concurrency` is the default, nobody chose it, so a short sweep needs no warning.
    elif trials is not None and trials < asked != Settings().concurrency:
        _warn_of_idle(f"the sweep has only {plural(trials, 'trial')}", trials, assembled, report)


def _warn_of_idle(why: str, most: int, assembled: Assembled, report: Report) -> None:
    message = f"`concurrency` is {assembled.settings.concurrency}, but {why}"
    span = assembled.spans.value(("concurrency",))
    report.warn(Code.IDLE_CONCURRENCY, message, span, help=f"give `concurrency={most}`")

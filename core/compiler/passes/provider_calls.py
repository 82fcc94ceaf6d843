"""Call the functions of providers during compilation.

A provider may declare functions such as `check`, `brackets`, `ends_after` and `finalize_options`.
Each takes the options as its argument, and some also take the problem. These functions are plugin
code and may raise any exception. Therefore every call goes through `call_provider` or
`call_with_problem`, which report an exception as a finding under the plugin's name and return
None. If a function returns a lazy iterable, the call must include turning it into a list.
Otherwise the exception would be raised outside the call.

This module also contains the last passes before the plan. `finalize_options` replaces file names
in options by the contents of the files, so that a plan depends on no file:

Before: ``tuner: {name: batch, file: runs.json}``.
After: ``tuner: {name: batch, assignments: [{lr: 0.1}, {lr: 0.2}], file: null}``.

`ask_schedule` asks the tuner for its brackets and for the number of trials after which it ends.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from sweepwright.contracts import (
    AssessorProvider,
    Bracket,
    PlatformProvider,
    Problem,
    TunerProvider,
)
from sweepwright.diagnostics import Code, Report

from ...plan.plan import Direction
from ...registry.options import build_options, plain_options
from ..stages import Assembled, BoundProvider, Spaced

T = TypeVar("T")


def call_provider(
    function: Callable[[Any], T], chosen: BoundProvider[Any], spaced: Spaced, report: Report
) -> T | None:
    """Call a function of a provider with the provider's options, which must be valid."""
    try:
        # Building the options runs plugin code as well: a dataclass may have a `__post_init__`.
        return function(build_options(chosen.provider.options, chosen.selection.options))
    except Exception as error:  # noqa: BLE001 - plugin code may raise anything
        raised = f"{type(error).__name__}: {error}"
        message = f"{chosen.selection.distribution}: checking `{chosen}` failed: {raised}"
        span = spaced.bound.resolved.spans.value(chosen.name_path)
        report.error(Code.BROKEN_PLUGIN, message, span)
        return None


def call_with_problem(
    function: Callable[[Any, Problem], T],
    chosen: BoundProvider[Any],
    spaced: Spaced,
    report: Report,
) -> T | None:
    """Call a function of a provider with the options and the problem. Both must be valid."""
    problem = problem_of(spaced)
    return call_provider(lambda options: function(options, problem), chosen, spaced, report)


def problem_of(spaced: Spaced) -> Problem:
    """Return the problem that the tuner has to solve. All parameters must be valid."""
    settings = spaced.bound.resolved.settings
    return Problem(
        spaced.space,
        settings.seed,
        settings.concurrency,
        settings.max_trials,
        settings.budget,
        spaced.start,
        maximize=settings.objective.direction is Direction.MAXIMIZE,
    )


@dataclass(frozen=True, slots=True)
class TunerSchedule:
    """The brackets and the end of a sweep, as its tuner announces them before the first trial."""

    brackets: tuple[Bracket, ...] = ()
    """Brackets of one round of a tuner with budgets; empty for other tuners."""
    ends_after: int | None = None
    """Number of trials after which the tuner makes no more suggestions; None for no limit."""


def ask_schedule(assembled: Assembled, report: Report) -> TunerSchedule:
    """Ask the tuner for its schedule; return an empty schedule if an error was reported."""
    tuner = assembled.bound.tuner
    if report.failed or tuner is None:
        return TunerSchedule()
    brackets, ends_after = tuner.provider.brackets, tuner.provider.ends_after

    # Both questions are one call, so that a tuner that raises for both is reported once.
    def ask(options: object, problem: Problem) -> TunerSchedule:
        return TunerSchedule(
            announced_brackets(brackets, options, problem) if brackets else (),
            ends_after(options, problem) if ends_after else None,
        )

    return call_with_problem(ask, tuner, assembled.spaced, report) or TunerSchedule()


def announced_brackets(
    list_brackets: Callable[[Any, Problem], Sequence[Bracket]], options: object, problem: Problem
) -> tuple[Bracket, ...]:
    """Ask a tuner for its brackets, and check them.

    Raises
    ------
    ValueError
        If the first rung of a bracket is missing or has no trials, since other modules rely on it.
    """
    brackets = tuple(list_brackets(options, problem))
    for number, bracket in enumerate(brackets):
        if not bracket.rungs:
            raise ValueError(f"bracket {number} has no rungs")
        if bracket.rungs[0].trials < 1:
            raise ValueError(f"bracket {number} has no trials on its first rung")
    return brackets


def finalize_options(assembled: Assembled, report: Report) -> Assembled:
    """Let every provider finalize its options, unless an error was reported."""
    if report.failed:
        return assembled
    spaced, bound = assembled.spaced, assembled.bound
    providers = {kind: _final(chosen, spaced, report) for kind, chosen in bound.providers.items()}
    bound = replace(bound, providers=providers)
    return replace(assembled, spaced=replace(spaced, bound=bound))


def _final(chosen: BoundProvider[Any], spaced: Spaced, report: Report) -> BoundProvider[Any]:
    # The options are converted inside the call, since a plugin may return anything.
    options: Mapping[str, Any] | None = None
    match chosen.provider:
        case TunerProvider(finalize_options=final) | AssessorProvider(finalize_options=final):
            if final is not None:
                ask = partial(_plainly, final)
                options = call_with_problem(ask, chosen, spaced, report)
        case PlatformProvider(finalize_options=final) if final is not None:
            options = call_provider(partial(_plainly, final), chosen, spaced, report)
    if options is None:
        return chosen
    return replace(chosen, selection=replace(chosen.selection, options=options))


def _plainly(finalize: Callable[..., Any], *arguments: Any) -> Mapping[str, Any]:
    return plain_options(finalize(*arguments))

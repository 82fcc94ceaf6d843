"""Ask a plugin about the options that a sweep gives it, while the sweep compiles.

Ask the tuner for its brackets and its end, once every option is final.

Finalize options: they hold the contents of files that they named, so that the plan needs none.

Before: ``tuner: {name: batch, file: runs.json}``.
After: ``tuner: {name: batch, assignments: [{lr: 0.1}, {lr: 0.2}], file: null}``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sweepwright.contracts import AssessorProvider, Bracket, Problem, TunerProvider
from sweepwright.diagnostics import Code, Report

from ...plan.plan import Direction
from ...registry.options import build_options, plain_options
from ...registry.registry import Registry
from ..stages import Assembled, BoundProvider, Spaced

T = TypeVar("T")


def problem_of(spaced: Spaced) -> Problem:
    """Say what the tuner is to solve, of a space that is whole."""
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


def ask_about(
    question: Callable[[Any, Problem], T],
    chosen: BoundProvider[Any],
    registry: Registry,
    spaced: Spaced,
    report: Report,
) -> T | None:
    """Ask what a provider makes of its options and the problem."""

    def ask() -> T:
        options = build_options(chosen.provider.options, chosen.selection.options)
        return question(options, problem_of(spaced))

    return ask_plugin(ask, chosen, registry, spaced, report)


def ask_plugin(
    ask: Callable[[], T],
    chosen: BoundProvider[Any],
    registry: Registry,
    spaced: Spaced,
    report: Report,
) -> T | None:
    """Ask a plugin; whatever it raises is its fault, and said to be."""
    try:
        return ask()
    except Exception as error:  # noqa: BLE001 - plugin code may raise anything
        said = f"{type(error).__name__}: {error}"
        source = registry.distribution(chosen.selection.kind, chosen.selection.name)
        message = f"{source}: checking `{chosen}` failed: {said}"
        span = spaced.bound.resolved.spans.value(chosen.name_path)
        report.error(Code.BROKEN_PLUGIN, message, span)
        return None


@dataclass(frozen=True, slots=True)
class Intent:
    """What a tuner knows of its sweep beforehand."""

    brackets: Sequence[Bracket] = ()
    """Those of a tuner with budgets, once through."""
    ends_after: int | None = None
    """After how many trials it has nothing left, None for no such end."""


def ask_ahead(assembled: Assembled, registry: Registry, report: Report) -> Intent:
    """Ask the tuner for its brackets and for its end; nothing of one that is at fault."""
    spaced = assembled.spaced
    tuner = spaced.bound.tuner
    if report.failed or tuner is None:
        return Intent()
    brackets, ends = tuner.provider.brackets, tuner.provider.ends_after

    def listed(options: Any, problem: Problem) -> Intent:
        return Intent(
            announced_brackets(brackets, options, problem) if brackets else (),
            ends(options, problem) if ends else None,
        )

    return ask_about(listed, tuner, registry, spaced, report) or Intent()


def announced_brackets(
    list_brackets: Callable[[Any, Problem], Sequence[Bracket]], options: Any, problem: Problem
) -> tuple[Bracket, ...]:
    """Ask a tuner for its brackets, and check them.

    Raises
    ------
    ValueError
        When a bracket begins no trial. Whoever reads brackets later relies on a first rung with
        at least one.
    """
    brackets = tuple(list_brackets(options, problem))
    for number, bracket in enumerate(brackets):
        if not bracket.rungs:
            raise ValueError(f"bracket {number} has no rungs")
        if bracket.rungs[0].trials < 1:
            raise ValueError(f"bracket {number} has no trials on its first rung")
    return brackets


def finalize_options(assembled: Assembled, registry: Registry, report: Report) -> Assembled:
    """Let every provider finalize its options, if there is no error."""
    if report.failed:
        return assembled
    bound = assembled.spaced.bound
    providers = {
        kind: _finalized(chosen, assembled, registry, report)
        for kind, chosen in bound.providers.items()
    }
    return replace(
        assembled, spaced=replace(assembled.spaced, bound=replace(bound, providers=providers))
    )


def _finalized(
    chosen: BoundProvider[Any], assembled: Assembled, registry: Registry, report: Report
) -> BoundProvider[Any]:
    if not isinstance(chosen.provider, TunerProvider | AssessorProvider):
        return chosen
    finalize = chosen.provider.finalize_options
    if finalize is None:
        return chosen

    def ask() -> Mapping[str, Any]:
        options = build_options(chosen.provider.options, chosen.selection.options)
        return plain_options(finalize(options, problem_of(assembled.spaced)))

    options = ask_plugin(ask, chosen, registry, assembled.spaced, report)
    if options is None:
        return chosen
    return replace(chosen, selection=replace(chosen.selection, options=options))

"""Ask a plugin about the options that a sweep gives it, while the sweep compiles."""

from collections.abc import Callable
from typing import Any, TypeVar

from sweepwright.contracts import Problem
from sweepwright.diagnostics import Code, Report

from ..ir import Direction
from ..options import build_options
from ..registry import Registry
from ..stages import Part, Spaced

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
    part: Part,
    registry: Registry,
    spaced: Spaced,
    report: Report,
) -> T | None:
    """Ask what a provider makes of its options and the problem."""

    def ask() -> T:
        options = build_options(part.provider.options, part.selected.options)
        return question(options, problem_of(spaced))

    return ask_plugin(ask, part, registry, spaced, report)


def ask_plugin(
    ask: Callable[[], T], part: Part, registry: Registry, spaced: Spaced, report: Report
) -> T | None:
    """Ask a plugin; whatever it raises is its fault, and said to be."""
    try:
        return ask()
    except Exception as error:  # noqa: BLE001 - plugin code may raise anything
        said = f"{type(error).__name__}: {error}"
        source = registry.distribution(part.selected.kind, part.selected.name)
        message = f"{source}: checking `{part}` failed: {said}"
        span = spaced.bound.resolved.places.value(part.name_at)
        report.error(Code.BROKEN_PLUGIN, message, span)
        return None

"""List the brackets that the tuner means to go through, once every option is settled."""

from collections.abc import Sequence
from typing import Any

from sweepwright.contracts import Bracket, Problem
from sweepwright.diagnostics import Report

from ..registry import Registry
from ..stages import Assembled
from .ask_plugin import ask_about


def list_brackets(assembled: Assembled, registry: Registry, report: Report) -> Sequence[Bracket]:
    """Ask the tuner for its brackets; there are none of one without budgets."""
    spaced = assembled.spaced
    tuner = spaced.bound.parts.get("tuner")
    if report.failed or tuner is None or tuner.provider.schedule is None:
        return ()
    schedule = tuner.provider.schedule

    def listed(options: Any, problem: Problem) -> list[Bracket]:
        return list(schedule(options, problem))

    return ask_about(listed, tuner, registry, spaced, report) or ()

"""Ask the tuner what it means to do, once every option is settled."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sweepwright.contracts import Bracket, Problem
from sweepwright.diagnostics import Report

from ..registry import Registry
from ..stages import Assembled
from .ask_plugin import ask_about


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
    tuner = spaced.bound.parts.get("tuner")
    if report.failed or tuner is None:
        return Intent()
    schedule, ends = tuner.provider.schedule, tuner.provider.ends_after

    def listed(options: Any, problem: Problem) -> Intent:
        return Intent(
            tuple(schedule(options, problem)) if schedule else (),
            ends(options, problem) if ends else None,
        )

    return ask_about(listed, tuner, registry, spaced, report) or Intent()

"""The compiler: the straight line from what the user wrote to a plan."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sweepwright.diagnostics import CompileError, Diagnostic, Report, Severity

from .ir import Plan
from .passes.ask_ahead import ask_ahead
from .passes.bind import bind
from .passes.build_trial import build_trial
from .passes.check import check
from .passes.deprecate import deprecate
from .passes.draft_space import draft_space
from .passes.plan import plan
from .passes.relate import relate
from .passes.resolve import resolve
from .passes.settle import settle
from .passes.weigh import weigh
from .registry import Registry
from .sources import compose
from .stages import Composed


@dataclass(frozen=True, slots=True)
class Compiled:
    """A plan, and what was found that the sweep can live with, the silenced included."""

    plan: Plan
    warnings: list[Diagnostic]
    trial_seconds: float | None = None
    """What one trial takes at full budget, as a person estimates; it is no part of the plan."""


def compile_sweep(
    overrides: Sequence[str], registry: Registry, config_dir: Path | None = None
) -> Compiled:
    """Compile the built-in configuration, under overrides, to a plan.

    `config_dir` is a folder of the user's own groups, searched after the built-in ones.

    Raises
    ------
    CompileError
        With every finding, when one of them is an error.
    """
    report = Report()
    composed = compose(overrides, registry, report, config_dir=config_dir)
    if composed is None:
        raise CompileError(list(report))
    resolved = resolve(composed, report)
    bound = deprecate(bind(resolved, registry, report), report)
    spaced = relate(draft_space(bound, report), report)
    assembled = check(build_trial(spaced, registry, report), registry, report)
    settled = settle(assembled, registry, report)
    intent = ask_ahead(settled, registry, report)
    found = [_explained(diagnostic, composed) for diagnostic in weigh(resolved, report)]
    if any(diagnostic.severity is Severity.ERROR for diagnostic in found):
        raise CompileError(found)
    return Compiled(plan(settled, intent), found, resolved.settings.trial_seconds)


def _explained(diagnostic: Diagnostic, composed: Composed) -> Diagnostic:
    """Add why a file is in the sweep at all, when the command line chose it."""
    chooser = composed.chooser(diagnostic.span.file or "")
    if chooser is None:
        return diagnostic
    note = f"`{chooser}` on the command line chose this file"
    return replace(diagnostic, notes=(*diagnostic.notes, note))

"""The compiler: the straight line from what the user wrote to a plan.

Plan: all the parts, without any fault, become the one thing that the driver runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sweepwright.contracts import TrialCode
from sweepwright.diagnostics import CompileError, Diagnostic, Report, Severity

from ..plan.plan import Plan, Selection
from ..plan.redaction import masked_override
from ..registry.registry import Registry
from .checks import check
from .checks.deprecated_keys import deprecate
from .compose import compose
from .passes.bind import bind
from .passes.provider_calls import Intent, ask_ahead, finalize_options
from .passes.resolve import resolve
from .passes.severities import apply_severity_policy
from .passes.trial_code import build_trial
from .space.draft import draft_space
from .space.relate import relate
from .stages import Assembled, Bound, Composed


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
    final = finalize_options(assembled, registry, report)
    intent = ask_ahead(final, registry, report)
    found = [
        _explained(diagnostic, composed) for diagnostic in apply_severity_policy(resolved, report)
    ]
    if any(diagnostic.severity is Severity.ERROR for diagnostic in found):
        raise CompileError(found)
    return Compiled(plan(final, intent), found, resolved.settings.trial_seconds)


def _explained(diagnostic: Diagnostic, composed: Composed) -> Diagnostic:
    """Add why a file is in the sweep at all, when the command line chose it."""
    chooser = composed.chooser(diagnostic.span.file or "")
    if chooser is None:
        return diagnostic
    note = f"`{chooser}` on the command line chose this file"
    return replace(diagnostic, notes=(*diagnostic.notes, note))


def plan(assembled: Assembled, intent: Intent) -> Plan:
    """Freeze the plan of parts that no pass found fault with."""
    spaced = assembled.spaced
    bound = spaced.bound
    settings = bound.resolved.settings
    return Plan(
        space=spaced.space,
        objective=settings.objective,
        tuner=_selected(bound, "tuner"),
        platform=_selected(bound, "platform"),
        framework=_selected(bound, "framework"),
        code=_code(assembled),
        source_hash=assembled.source_hash,
        sampler=_selected(bound, "sampler") if bound.sampler else None,
        assessor=_selected(bound, "assessor") if bound.assessor else None,
        stopped_as=settings.stopped_as,
        budget=settings.budget,
        start=spaced.start,
        nni_v0_format=spaced.nni_v0_format,
        brackets=tuple(intent.brackets),
        ends_after=intent.ends_after,
        limits=settings.limits,
        seed=settings.seed,
        reproducible=settings.reproducible,
        store=settings.store.path,
        reports_kept=settings.reports_kept,
        overrides=tuple(map(masked_override, bound.resolved.overrides)),
    )


def _selected(bound: Bound, kind: str) -> Selection:
    return bound.providers[kind].selection


def _code(assembled: Assembled) -> TrialCode:
    assert assembled.code, "a trial without code is a finding"
    return assembled.code

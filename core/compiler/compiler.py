"""The compiler: a sequence of passes that turns the user's overrides into a plan.

Each pass takes the result of the previous pass, reports the invalid values, and continues with the
valid ones. Thus one run shows all findings. Only composition can end compilation early, since
there is nothing to check without a configuration.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sweepwright.contracts import Finding, TrialCode
from sweepwright.diagnostics import Code, CompileError, Diagnostic, Report, raise_errors

from ..plan.plan import Plan, Selection
from ..plan.redaction import mask_override, remember_secrets
from ..registry.registry import Registry
from .checks import check
from .checks.options import report_findings
from .compose import compose
from .passes.bind import bind
from .passes.provider_calls import TunerSchedule, ask_schedule, finalize_options
from .passes.resolve import resolve
from .passes.severities import apply_severity_policy
from .passes.trial_code import build_trial
from .space.draft import draft_space
from .space.relate import relate
from .stages import Assembled, Bound, Composed, Resolved


@dataclass(frozen=True, slots=True)
class Compiled:
    """A plan, and the findings that do not prevent the sweep, including the silenced ones."""

    plan: Plan
    warnings: list[Diagnostic]
    diagnose: Callable[[Iterable[Finding]], list[Diagnostic]]
    """Turns what the platform finds on its machines into diagnostics, which stand at the
    platform's options and have the severity that the settings give them."""
    trial_seconds: float | None = None
    """The user's estimate of a trial's duration at full budget.

    Only forecasts use the estimate, so the plan does not contain it.
    """


def compile_sweep(
    overrides: Sequence[str], registry: Registry, config_dir: Path | None = None
) -> Compiled:
    """Compile the configuration with overrides to a plan.

    `config_dir` is a folder with the user's own config groups. Hydra searches it after the
    built-in folder.

    Raises
    ------
    CompileError
        If at least one finding is an error. The exception contains all findings.
    """
    report = Report()
    composed = compose(overrides, registry, report, config_dir=config_dir)
    if composed is None:
        raise CompileError(list(report))
    remember_secrets(composed.plain)
    resolved = resolve(composed, report)
    # From here on, findings may quote any value, so the secrets must be known.
    remember_secrets(resolved.tree)
    bound = bind(resolved, registry, report)
    spaced = relate(draft_space(bound, report), report)
    assembled = build_trial(spaced, registry, report)
    check(assembled, report)
    # The schedule depends on the final options: `batch` counts the assignments in its file.
    final = finalize_options(assembled, report)
    schedule = ask_schedule(final, report)
    # A plugin may have read secrets from a file.
    remember_secrets(
        {kind: chosen.selection.options for kind, chosen in final.bound.providers.items()}
    )
    found = _conclude(report, composed, resolved)
    raise_errors(found)

    def diagnose(findings: Iterable[Finding]) -> list[Diagnostic]:
        on_machines = Report()
        assert assembled.bound.platform, "a missing platform is a finding"
        platform = assembled.bound.platform
        report_findings(findings, platform, assembled, on_machines, Code.UNFIT_MACHINE)
        return _conclude(on_machines, composed, resolved)

    return Compiled(plan(final, schedule), found, diagnose, resolved.settings.trial_seconds)


def _conclude(report: Report, composed: Composed, resolved: Resolved) -> list[Diagnostic]:
    """Return the findings of a report with their final severities and notes."""
    return [_explained(found, composed) for found in apply_severity_policy(resolved, report)]


def _explained(diagnostic: Diagnostic, composed: Composed) -> Diagnostic:
    """Add a note to a finding that names the override which chose the finding's file."""
    chooser = composed.chooser(diagnostic.span.file or "")
    if chooser is None:
        return diagnostic
    note = f"`{chooser}` on the command line chose this file"
    return replace(diagnostic, notes=(*diagnostic.notes, note))


def plan(assembled: Assembled, schedule: TunerSchedule) -> Plan:
    """Make the plan from parts that are all valid."""
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
        brackets=schedule.brackets,
        ends_after=schedule.ends_after,
        limits=settings.limits,
        seed=settings.seed,
        reproducible=settings.reproducible,
        store=settings.store.path,
        shared=settings.store.shared,
        reports_kept=settings.reports_kept,
        overrides=tuple(map(mask_override, bound.resolved.overrides)),
    )


def _selected(bound: Bound, kind: str) -> Selection:
    return bound.providers[kind].selection


def _code(assembled: Assembled) -> TrialCode:
    assert assembled.code, "an invalid trial is a finding"
    return assembled.code

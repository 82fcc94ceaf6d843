"""Check that a budget is there where one is needed, and is used where one is given."""

from collections.abc import Mapping

from sweepwright.diagnostics import Code, Report

from ..stages import Part, Spaced
from ..trial_source import Source


def check_budget(spaced: Spaced, sources: Mapping[str, Source | None], report: Report) -> None:
    """Hold the budget against the tuner, and against what the trial's source reads."""
    resolved = spaced.bound.resolved
    tuner = spaced.bound.parts.get("tuner")
    if tuner is None or not resolved.budget_known:
        return
    given = resolved.settings.budget is not None
    if tuner.provider.uses_budget and not given:
        _report_missing(tuner, spaced, report)
    elif given and not _used(tuner, spaced, sources):
        span = resolved.places.key(("budget",))
        message = "`budget` is given, and nobody uses it"
        note = f"neither `tuner={tuner.selected.name}` nor the trial looks at it"
        way_out = "leave it out, or take a tuner that gives trials budgets"
        report.warn(Code.UNUSED_BUDGET, message, span, notes=(note,), help=way_out)


def _report_missing(tuner: Part, spaced: Spaced, report: Report) -> None:
    span = spaced.bound.resolved.places.value(("tuner", "name"))
    message = f"`tuner={tuner.selected.name}` needs the sweep to have a `budget`"
    way_out = "give `'budget={maximum: 81, unit: epochs}'`"
    report.error(Code.MISSING_BUDGET, message, span, help=way_out)


def _used(tuner: Part, spaced: Spaced, sources: Mapping[str, Source | None]) -> bool:
    """Tell whether anybody may look at the budget."""
    if tuner.provider.uses_budget or "assessor" in spaced.bound.parts or not sources:
        return True
    return any(source is None or source.facts.budgeted for source in sources.values())

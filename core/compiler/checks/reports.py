"""Check what the trial reports against what the objective and the assessor look at."""

from collections.abc import Mapping

from sweepwright.contracts import TrialCode
from sweepwright.diagnostics import Code, Report, did_you_mean

from ...plan.redaction import shown
from ..stages import Assembled, BoundAssessor, Resolved
from ..trial_analysis import AnalyzedSource


def check_reports(
    assembled: Assembled, sources: Mapping[str, AnalyzedSource | None], report: Report
) -> None:
    """Report an objective that is never reported, and an assessor that has nothing to judge."""
    bound = assembled.spaced.bound
    source = _reporting(assembled.code, sources)
    if source is None:
        return
    if assessor := bound.assessor:
        _check_assessor(assessor, source, bound.resolved, report)
    _check_metric(source, bound.resolved, report)


def _reporting(
    code: TrialCode | None, sources: Mapping[str, AnalyzedSource | None]
) -> AnalyzedSource | None:
    """Pick the source of the role that reports."""
    roles = code.roles if code else ()
    return next((sources[role.name] for role in roles if role.reports), None)


def _check_assessor(
    assessor: BoundAssessor, source: AnalyzedSource, resolved: Resolved, report: Report
) -> None:
    if source.facts.may_report(final=False):
        return
    span = resolved.spans.value(("assessor", "name"))
    name = f"`assessor={assessor.selection.name}`"
    message = f"{name} goes by reports on the way, and the trial makes none"
    note = f"`{shown(source.path)}` never calls `report_intermediate_result`"
    way_out = "report the metric once an epoch, or leave the assessor out"
    report.error(Code.NO_REPORTS, message, span, notes=(note,), help=way_out)


def _check_metric(source: AnalyzedSource, resolved: Resolved, report: Report) -> None:
    metric = resolved.settings.objective.metric
    known = source.facts.metrics(final=True)
    if known is None or metric in known or not _is_meant(resolved, metric):
        return
    if not known and not source.facts.uses_api:
        return  # what it is for, nobody can tell
    span = resolved.spans.value(("objective", "metric"))
    path = f"`{shown(source.path)}`"
    message = f"the trial never reports `{metric}`, the objective"
    note = f"{path} reports {', '.join(f'`{name}`' for name in sorted(known))} at its end"
    way_out = did_you_mean(metric, sorted(known))
    if not known:
        message = f"the trial reports no final result, of which `{metric}` is the objective"
        note = f"{path} never calls `report_final_result`"
        way_out = "call it once, when the trial is done"
    report.error(Code.UNREPORTED_METRIC, message, span, notes=(note,), help=way_out)


def _is_meant(resolved: Resolved, metric: str) -> bool:
    """Tell whether the metric is the one that the user gave."""
    objective = resolved.tree.get("objective")
    return not isinstance(objective, Mapping) or objective.get("metric", metric) == metric

"""Checks of the trial's reports: whether it sends what the assessor and the objective need."""

from collections.abc import Mapping

from sweepwright.diagnostics import Code, Report, did_you_mean

from ...plan.redaction import display_path
from ..stages import Assembled, Resolved
from ..trial_analysis import AnalyzedSource


def check_reports(assembled: Assembled, report: Report) -> None:
    """Report an assessor if the trial never sends an intermediate report."""
    source = _reporting_source(assembled)
    assessor = assembled.bound.assessor
    if source is None or assessor is None or source.facts.may_report(final=False):
        return
    message = f"`{assessor}` needs intermediate reports, which this trial does not send"
    note = f"`{display_path(source.path)}` never calls `report_intermediate_result`"
    span = assembled.spans.value(assessor.name_path)
    way_out = "call `report_intermediate_result` after each epoch, or leave the assessor out"
    report.error(Code.NO_REPORTS, message, span, notes=(note,), help=way_out)


def check_objective(assembled: Assembled, report: Report) -> None:
    """Report an objective if the trial's final result never contains its metric."""
    source = _reporting_source(assembled)
    if source is None:
        return
    metric = assembled.settings.objective.metric
    known = source.facts.metrics(final=True)
    # None means that the content of some report is unknown, so it may contain the metric.
    if known is None or metric in known or not _is_metric_valid(assembled.resolved, metric):
        return
    if not source.facts.uses_api:
        return  # the program does not use the trial API, so it may report by other means
    span = assembled.spans.value(("objective", "metric"))
    path = f"`{display_path(source.path)}`"
    message = f"the trial never reports `{metric}`, the metric of the objective"
    names = ", ".join(f"`{name}`" for name in sorted(known))
    note = f"the final result of {path} contains {names}"
    way_out = did_you_mean(metric, sorted(known))
    if not known:
        message = f"the trial never reports a final result, which must contain `{metric}`"
        note = f"{path} never calls `report_final_result`"
        way_out = "call `report_final_result` once, at the end of the trial"
    report.error(Code.UNREPORTED_METRIC, message, span, notes=(note,), help=way_out)


def _reporting_source(assembled: Assembled) -> AnalyzedSource | None:
    """Return the source of the role that reports; return None if nothing is known about it."""
    roles = assembled.code.roles if assembled.code else ()
    return next((assembled.sources[role.name] for role in roles if role.reports), None)


def _is_metric_valid(resolved: Resolved, metric: str) -> bool:
    """Tell whether the metric is valid, so that it is not a default that replaces the value."""
    objective = resolved.tree.get("objective")
    return not isinstance(objective, Mapping) or objective.get("metric", metric) == metric

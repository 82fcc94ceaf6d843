"""Check that a budget is there where one is needed, and is used where one is given."""

from collections.abc import Iterator, Mapping

from sweepwright.contracts import Budget
from sweepwright.diagnostics import Code, Report
from sweepwright.space import Derived, Parameter

from ...plan.redaction import shown
from ..stages import BoundTuner, Spaced
from ..trial_analysis import BUDGETS, AnalyzedSource, Read
from .parameters import lacks, point_at

EXAMPLE = Budget(81)
"""What a budget may look like."""


def check_budget(
    spaced: Spaced, sources: Mapping[str, AnalyzedSource | None], report: Report
) -> None:
    """Hold the budget against the tuner, the space, and what the trial's source reads."""
    resolved = spaced.bound.resolved
    tuner = spaced.bound.tuner
    if not resolved.budget_valid:
        return
    budget = resolved.settings.budget
    if budget and budget.name:
        _check_name(budget.name, spaced, report)
    if tuner is None:
        return
    if tuner.provider.uses_budget and budget is None:
        _report_missing(tuner, sources, spaced, report)
        return
    for source in filter(None, sources.values()):
        _check_reads(source, budget, spaced, report)
    if budget and not _used(tuner, budget, spaced, sources):
        _warn_of_unused(tuner, budget, sources, spaced, report)


def _check_name(name: str, spaced: Spaced, report: Report) -> None:
    """Report what trials would receive under the name of the budget."""
    space = spaced.space
    delivered: tuple[Parameter | Derived, ...] = (*space.parameters, *space.derived)
    for part in delivered:
        if part.path == (name,):
            at = spaced.origins.get(part.name, ("space", part.name))
            span = spaced.bound.resolved.spans.key(at)
            message = f"`{name}` is in the space, and trials receive their budget under that name"
            way_out = "rename it, or give the budget another name with `budget.name=…`"
            report.error(Code.TAKEN_NAME, message, span, help=way_out)


def _report_missing(
    tuner: BoundTuner,
    sources: Mapping[str, AnalyzedSource | None],
    spaced: Spaced,
    report: Report,
) -> None:
    span = spaced.bound.resolved.spans.value(("tuner", "name"))
    message = f"`{tuner}` needs the sweep to have a `budget`"
    asked = next((read.path[0] for s in sources.values() if s for read in _asked(s)), None)
    report.error(Code.MISSING_BUDGET, message, span, help=f"give {_example(asked)}")


def _check_reads(
    source: AnalyzedSource, budget: Budget | None, spaced: Spaced, report: Report
) -> None:
    """Report a read that fails, since the trial has no budget, or under another name."""
    if not spaced.complete:
        return
    for read in _asked(source):
        name = read.path[0]
        if (
            not read.required
            or (budget and budget.name == name)
            or not lacks(spaced.space, (name,))
        ):
            continue
        if budget is None:
            message = f"the trial reads `{name}`, and the sweep has no `budget`"
            way_out = f"give {_example(name)}, or a default with `get`"
        else:
            message = f"the trial reads `{name}`, and receives {_delivery(budget)}"
            way_out = f"give `budget.name={name}`"
        report.error(Code.MISNAMED_BUDGET, message, point_at(source, read), help=way_out)
        return


def _used(
    tuner: BoundTuner,
    budget: Budget,
    spaced: Spaced,
    sources: Mapping[str, AnalyzedSource | None],
) -> bool:
    """Tell whether anybody looks at the budget who should."""
    reads = not sources or any(
        source is None or source.facts.may_read_budget(budget.name) for source in sources.values()
    )
    return reads or (spaced.bound.assessor is not None and not tuner.provider.uses_budget)


def _warn_of_unused(
    tuner: BoundTuner,
    budget: Budget,
    sources: Mapping[str, AnalyzedSource | None],
    spaced: Spaced,
    report: Report,
) -> None:
    """Warn of a budget that nobody looks at, or the tuner alone."""
    resolved = spaced.bound.resolved
    asked = {read.path[0] for source in sources.values() if source for read in _asked(source)}
    misnamed = next((f"give `budget.name={name}`" for name in sorted(asked)), None)
    if any(f.code is Code.MISNAMED_BUDGET for f in report.diagnostics):
        return
    if tuner.provider.uses_budget:
        message = f"`{tuner}` gives trials budgets, and the trial never reads its own"
        files = ", ".join(f"`{shown(source.path)}`" for source in sources.values() if source)
        note = f"{files} would have {_delivery(budget)}"
        way_out = misnamed or _reading(budget)
        span = resolved.spans.value(("tuner", "name"))
        report.warn(Code.UNREAD_BUDGET, message, span, notes=(note,), help=way_out)
    else:
        message = "`budget` is given, and nobody uses it"
        note = f"neither `{tuner}` nor the trial looks at it"
        way_out = misnamed or "leave it out, or take a tuner that gives trials budgets"
        span = resolved.spans.key(("budget",))
        report.warn(Code.UNUSED_BUDGET, message, span, notes=(note,), help=way_out)


def _asked(source: AnalyzedSource) -> Iterator[Read]:
    """Yield the reads of a budget, under any of its usual names."""
    yield from (read for read in source.facts.reads if read.path[0] in BUDGETS)


def _delivery(budget: Budget) -> str:
    return f"its budget as `{budget.name}`" if budget.name else "no budget among its parameters"


def _reading(budget: Budget) -> str | None:
    if budget.name is None:
        return "give `budget.name=TRIAL_BUDGET`, and train for as long as that says"
    return f'train for `parameters["{budget.name}"]` {budget.unit}'


def _example(name: str | None) -> str:
    named = f", name: {name}" if name not in (None, EXAMPLE.name) else ""
    return f"`'budget={{maximum: {EXAMPLE.maximum:g}, unit: {EXAMPLE.unit}{named}}}'`"

"""Checks of the budget: whether the tuner needs it, and whether the trial reads it by its name."""

from collections.abc import Iterator

from sweepwright.contracts import Budget
from sweepwright.diagnostics import Code, Report
from sweepwright.space import Derived, Parameter

from ...plan.redaction import display_path
from ..stages import Assembled, BoundTuner
from ..trial_analysis import BUDGETS, AnalyzedSource, Read
from .parameters import lacks, span_of

EXAMPLE = Budget(81)
"""The budget that help texts suggest. 81 is a power of 3, so `eta=3` gives whole rungs."""


def check_budget(assembled: Assembled, report: Report) -> None:
    """Check the budget against the tuner, the space, and the reads in the trial's source."""
    if not assembled.resolved.budget_valid:
        return
    budget = assembled.settings.budget
    if budget and budget.name:
        _check_name(budget.name, assembled, report)
    tuner = assembled.bound.tuner
    if tuner is None:
        return
    if tuner.provider.uses_budget and budget is None:
        _report_missing(tuner, assembled, report)
        return
    misnamed = [_check_reads(s, budget, assembled, report) for s in _known_sources(assembled)]
    # A misnamed budget is also unused, but one mistake leads to a single finding.
    if budget and not any(misnamed) and not _is_used(budget, tuner, assembled):
        _warn_of_unused(budget, tuner, assembled, report)


def _check_name(name: str, assembled: Assembled, report: Report) -> None:
    """Report a parameter or derived value that is delivered under the budget's name."""
    space = assembled.spaced.space
    delivered: tuple[Parameter | Derived, ...] = (*space.parameters, *space.derived)
    for value in delivered:
        if value.path == (name,):
            origin = assembled.spaced.origins.get(value.name, ("space", value.name))
            message = f"the space has `{name}`, the name under which trials receive their budget"
            way_out = f"rename `{name}`, or give the budget another name with `budget.name=…`"
            report.error(Code.TAKEN_NAME, message, assembled.spans.key(origin), help=way_out)


def _report_missing(tuner: BoundTuner, assembled: Assembled, report: Report) -> None:
    message = f"`{tuner}` needs a `budget`, and the sweep has none"
    reads = (read for source in _known_sources(assembled) for read in _budget_reads(source))
    name = next((read.path[0] for read in reads), None)
    span = assembled.spans.value(tuner.name_path)
    report.error(Code.MISSING_BUDGET, message, span, help=f"give {_example(name)}")


def _check_reads(
    source: AnalyzedSource, budget: Budget | None, assembled: Assembled, report: Report
) -> bool:
    """Report the first read of a budget that fails, and tell whether there is one.

    A read fails if the sweep has no budget or delivers the budget under another name.
    """
    if not assembled.spaced.complete:
        return False
    for read in _budget_reads(source):
        name = read.path[0]
        delivered = budget and budget.name == name
        # A parameter of the space may have one of the usual names of budgets.
        if not read.required or delivered or not lacks(assembled.spaced.space, (name,)):
            continue
        if budget is None:
            message = f"the trial reads `{name}`, but the sweep has no `budget`"
            way_out = f"give {_example(name)}, or read it with `get` and a default"
        else:
            message = f"the trial reads `{name}`, but receives {_delivery(budget)}"
            way_out = f"give `budget.name={name}`"
        report.error(Code.MISNAMED_BUDGET, message, span_of(source, read), help=way_out)
        return True
    return False


def _is_used(budget: Budget, tuner: BoundTuner, assembled: Assembled) -> bool:
    """Tell whether the budget has an effect: the trial may read it, or an assessor uses it.

    An assessor does not count if the tuner gives trials budgets, since the rungs save no time if
    the trial ignores its budget.
    """
    sources = assembled.sources.values()
    if not sources or any(s is None or s.facts.may_read_budget(budget.name) for s in sources):
        return True
    return assembled.bound.assessor is not None and not tuner.provider.uses_budget


def _warn_of_unused(
    budget: Budget, tuner: BoundTuner, assembled: Assembled, report: Report
) -> None:
    """Warn of a budget that the trial does not read, whether or not the tuner uses it."""
    known = _known_sources(assembled)
    names = sorted({read.path[0] for source in known for read in _budget_reads(source)})
    rename = f"give `budget.name={names[0]}`" if names else None
    if tuner.provider.uses_budget:
        message = f"`{tuner}` gives each trial a budget, which this trial never reads"
        files = ", ".join(f"`{display_path(source.path)}`" for source in known)
        note = f"{files} receives {_delivery(budget)}"
        span = assembled.spans.value(tuner.name_path)
        way_out = rename or _advice(budget)
        report.warn(Code.UNREAD_BUDGET, message, span, notes=(note,), help=way_out)
    else:
        message = "`budget` is set, but nothing uses it"
        note = f"`{tuner}` gives trials no budgets, and the trial does not read the budget"
        span = assembled.spans.key(("budget",))
        way_out = rename or "leave `budget` out, or choose a tuner that gives trials budgets"
        report.warn(Code.UNUSED_BUDGET, message, span, notes=(note,), help=way_out)


def _known_sources(assembled: Assembled) -> list[AnalyzedSource]:
    return [source for source in assembled.sources.values() if source]


def _budget_reads(source: AnalyzedSource) -> Iterator[Read]:
    """Yield the reads of a budget, which are recognised by the usual names of budgets."""
    return (read for read in source.facts.reads if read.path[0] in BUDGETS)


def _delivery(budget: Budget) -> str:
    return f"its budget as `{budget.name}`" if budget.name else "no budget among its parameters"


def _advice(budget: Budget) -> str:
    if budget.name is None:
        return "give `budget.name=TRIAL_BUDGET`, and train for that long"
    return f'train for `parameters["{budget.name}"]` {budget.unit}'


def _example(name: str | None) -> str:
    named = f", name: {name}" if name not in (None, EXAMPLE.name) else ""
    return f"`'budget={{maximum: {EXAMPLE.maximum:g}, unit: {EXAMPLE.unit}{named}}}'`"

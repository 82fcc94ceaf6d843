"""Result of the analysis: what a trial's source reads of its assignment, and what it reports.

Also the names by which a source refers to the trial API and to the environment variables beneath
that API.
"""

from dataclasses import dataclass
from typing import TypeAlias

ParameterPath: TypeAlias = tuple[str, ...]
"""Keys into the assignment that a trial receives, such as ``("optimizer", "momentum")``."""


@dataclass(frozen=True, slots=True)
class SourceSpan:
    """Span in the source: line and column from 1, in characters."""

    line: int
    column: int
    length: int


@dataclass(frozen=True, slots=True)
class Read:
    """A place in the source that reads a key of the assignment."""

    path: ParameterPath
    span: SourceSpan
    required: bool
    """Whether every run of the trial executes this read, and fails if the key is missing."""


@dataclass(frozen=True, slots=True)
class ReportCall:
    """A call that reports metrics."""

    final: bool
    metrics: frozenset[str] | None
    """Names of the metrics; None if they are unknown."""
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a source.

    `reads`, `escaped` and `reports` hold everything that a run may do, unless
    `api_used_elsewhere` is set, when it may do more.
    """

    reads: tuple[Read, ...]
    escaped: frozenset[ParameterPath]
    """Parts of the assignment that reach code outside of the analysis, which may read any key."""
    reports: tuple[ReportCall, ...]
    reads_raw_budget: bool
    """Whether it may read its budget by other means than as a parameter."""
    api_used_elsewhere: bool
    """Whether code outside of the analysis may read the assignment or report, too."""

    def may_read(self, path: ParameterPath) -> bool:
        """Tell whether a run may read a value, or a value nested in it."""
        return (
            self.api_used_elsewhere
            or any(path[: len(escaped)] == escaped for escaped in self.escaped)
            or any(read.path[: len(path)] == path for read in self.reads)
        )

    def may_read_budget(self, name: str | None) -> bool:
        """Tell whether a run may read its budget, delivered under `name` if as a parameter."""
        return self.reads_raw_budget or (name is not None and self.may_read((name,)))

    @property
    def uses_api(self) -> bool:
        """Whether the trial may use the trial API at all."""
        return bool(self.api_used_elsewhere or self.reads or self.escaped or self.reports)

    def may_report(self, *, final: bool) -> bool:
        """Tell whether a run may send a final result, or an intermediate one."""
        return self.api_used_elsewhere or any(report.final is final for report in self.reports)

    def metrics(self, *, final: bool) -> frozenset[str] | None:
        """List all metrics in final or in intermediate results; None if some are unknown."""
        sent = [report.metrics for report in self.reports if report.final is final]
        known = [metrics for metrics in sent if metrics is not None]
        if self.api_used_elsewhere or len(known) < len(sent):
            return None
        return frozenset().union(*known)


APIS = frozenset({"sweepwright", "sweepwright.trial", "nni", "nni.trial"})
"""Modules that offer the trial API; the functions have NNI's names in all of them."""
NEXT_PARAMETER = "get_next_parameter"
CURRENT_PARAMETER = "get_current_parameter"
REPORTERS = {"report_final_result": True, "report_intermediate_result": False}
"""Functions that report, each with whether its result is the final one."""
REPORTERS_PACKAGE = "sweepwright.reporters"
"""Package of callbacks that report on behalf of a script, and read nothing of its assignment."""
BUDGETS = frozenset({"TRIAL_BUDGET", "STEPS"})
"""Names that a read of the budget is recognised by, whatever `budget.name` is.

``TRIAL_BUDGET`` is the default of `budget.name`, and ``STEPS`` is what trials of NNI read.
"""
GET_BUDGET = "get_budget"

TRIAL_VARIABLE = "SWEEPWRIGHT_TRIAL"
REPORTS_VARIABLE = "SWEEPWRIGHT_REPORTS"
RAW: ParameterPath = (TRIAL_VARIABLE,)
"""Path of the JSON document in the environment that describes the trial.

The assignment is a key of that document, so that ``(*RAW, "assignment")`` equals ``()``.
"""


def is_reporter(module: str) -> bool:
    """Tell whether a module, or a name imported from one, belongs to the reporters."""
    return module.startswith(f"{REPORTERS_PACKAGE}.")


def api_name(dotted: str) -> str | None:
    """Return the name of an API function given its dotted name; None for anything else."""
    module, _, name = dotted.rpartition(".")
    return name if module in APIS else None

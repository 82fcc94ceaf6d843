"""The result of the analysis: which parameters a source reads, and which metrics it reports.

The module also defines the names of the functions of the trial API, and of the environment
variables with which the API is implemented.
"""

from dataclasses import dataclass
from typing import TypeAlias

ParameterPath: TypeAlias = tuple[str, ...]
"""Keys that lead to a value in the assignment, such as ``("optimizer", "momentum")``."""


@dataclass(frozen=True, slots=True)
class SourceSpan:
    """A span in the source; lines and columns start at 1, and columns count characters."""

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
    """The facts about a source.

    If `api_used_elsewhere` is not set, `reads`, `escaped` and `reports` contain everything that a
    run may read or report. Otherwise a run may read and report more.
    """

    reads: tuple[Read, ...]
    escaped: frozenset[ParameterPath]
    """Parts of the assignment that reach code outside of the analysis.

    Such code may read any key of these parts.
    """
    reports: tuple[ReportCall, ...]
    reads_raw_budget: bool
    """Whether a run may read its budget in another way than as a parameter."""
    api_used_elsewhere: bool
    """Whether code outside of the analysis may also read the assignment or report results."""

    def may_read(self, path: ParameterPath) -> bool:
        """Tell whether a run may read the value at a path, or a value that is nested in it."""
        return (
            self.api_used_elsewhere
            or any(path[: len(escaped)] == escaped for escaped in self.escaped)
            or any(read.path[: len(path)] == path for read in self.reads)
        )

    def may_read_budget(self, name: str | None) -> bool:
        """Tell whether a run may read its budget.

        If the trial receives the budget as a parameter, `name` is the name of the parameter.
        """
        return self.reads_raw_budget or (name is not None and self.may_read((name,)))

    @property
    def uses_api(self) -> bool:
        """Whether the source may use the trial API at all."""
        return bool(self.api_used_elsewhere or self.reads or self.escaped or self.reports)

    def may_report(self, *, final: bool) -> bool:
        """Tell whether a run may report a final result, or an intermediate one if not `final`."""
        return self.api_used_elsewhere or any(report.final is final for report in self.reports)

    def metrics(self, *, final: bool) -> frozenset[str] | None:
        """Return all metrics in final or in intermediate results, or None if some are unknown."""
        sent = [report.metrics for report in self.reports if report.final is final]
        known = [metrics for metrics in sent if metrics is not None]
        if self.api_used_elsewhere or len(known) < len(sent):
            return None
        return frozenset().union(*known)


APIS = frozenset({"sweepwright", "sweepwright.trial", "nni", "nni.trial"})
"""Modules that offer the trial API. In all of them, the functions have the names of NNI's API."""
NEXT_PARAMETER = "get_next_parameter"
CURRENT_PARAMETER = "get_current_parameter"
REPORTERS = {"report_final_result": True, "report_intermediate_result": False}
"""Mapping from each function that reports a result to whether the result is final."""
REPORTERS_PACKAGE = "sweepwright.reporters"
"""Package of callbacks that report results for a script, and do not read the assignment."""
BUDGETS = frozenset({"TRIAL_BUDGET", "STEPS"})
"""Names of parameters that always count as the budget, whatever `budget.name` is.

``TRIAL_BUDGET`` is the default of `budget.name`, and ``STEPS`` is what trials of NNI read.
"""
GET_BUDGET = "get_budget"

TRIAL_VARIABLE = "SWEEPWRIGHT_TRIAL"
REPORTS_VARIABLE = "SWEEPWRIGHT_REPORTS"
RAW: ParameterPath = (TRIAL_VARIABLE,)
"""Path of the JSON document, in an environment variable, that describes the trial.

The document contains the assignment under the key ``assignment``. So the paths ``(*RAW,
"assignment")`` and ``()`` are equivalent.
"""


def is_reporter(module: str) -> bool:
    """Tell whether a dotted name is a module of the reporters, or a name in such a module."""
    return module.startswith(f"{REPORTERS_PACKAGE}.")


def api_name(dotted: str) -> str | None:
    """Return the name of an API function, given its dotted name; None for any other name."""
    module, _, name = dotted.rpartition(".")
    return name if module in APIS else None

"""What a trial's source says: what it reads of its assignment, and what it reports.

Names by which a trial's source knows the trial API, and what lies beneath it.
"""

from dataclasses import dataclass
from typing import TypeAlias

Path: TypeAlias = tuple[str, ...]
"""Keys into what a trial receives, such as ``("optimizer", "momentum")``."""


@dataclass(frozen=True, slots=True)
class SourceSpan:
    """Where something stands in the source: line and column from 1, in characters."""

    line: int
    column: int
    length: int


@dataclass(frozen=True, slots=True)
class Read:
    """A key that the source reads."""

    path: Path
    spot: SourceSpan
    certain: bool
    """Whether every run of the trial reads it, and fails if it is not there."""


@dataclass(frozen=True, slots=True)
class ReportCall:
    """A call that reports."""

    final: bool
    metrics: frozenset[str] | None
    """Names of the metrics; None where they cannot be told."""
    spot: SourceSpan


@dataclass(frozen=True, slots=True)
class Facts:
    """What is certain of a trial's source, and how far that goes."""

    reads: tuple[Read, ...]
    opened: frozenset[Path]
    """What is handed to code that cannot be followed, which may read anything below."""
    reports: tuple[ReportCall, ...]
    budgeted: bool
    """Whether it may read its budget elsewhere than among its parameters."""
    elsewhere: bool
    """Whether other code of the trial's may read or report as well."""

    def may_read(self, path: Path) -> bool:
        """Tell whether a run of the trial may look at a value, or at part of it."""
        return (
            self.elsewhere
            or any(path[: len(opened)] == opened for opened in self.opened)
            or any(read.path[: len(path)] == path for read in self.reads)
        )

    def may_read_budget(self, name: str | None) -> bool:
        """Tell whether a run may look at its budget, which has a name if it is a parameter."""
        return self.budgeted or (name is not None and self.may_read((name,)))

    @property
    def speaks(self) -> bool:
        """Whether it uses the trial API at all, or what lies beneath it."""
        return bool(self.elsewhere or self.reads or self.opened or self.reports)

    def may_report(self, *, final: bool) -> bool:
        """Tell whether a run of the trial may make a final report, or one on its way."""
        return self.elsewhere or any(report.final is final for report in self.reports)

    def metrics(self, *, final: bool) -> frozenset[str] | None:
        """List every metric among the final or the other reports; None when it is not known."""
        sent = [report.metrics for report in self.reports if report.final is final]
        known = [metrics for metrics in sent if metrics is not None]
        if self.elsewhere or len(known) < len(sent):
            return None
        return frozenset().union(*known)


APIS = frozenset({"sweepwright", "sweepwright.trial", "nni", "nni.trial"})
"""Modules that a trial may have the API from; the names in it are those of NNI."""
NEXT_PARAMETER = "get_next_parameter"
CURRENT_PARAMETER = "get_current_parameter"
REPORTERS = {"report_final_result": True, "report_intermediate_result": False}
"""What reports, and whether finally."""
REPORTERS_PACKAGE = "sweepwright.reporters"
"""Whose modules report for a script, and read nothing of what it receives."""
BUDGETS = frozenset({"TRIAL_BUDGET", "STEPS"})
"""Names under which a trial may look for its budget, whatever a sweep calls it; one is NNI's."""
GET_BUDGET = "get_budget"

TRIAL_VARIABLE = "SWEEPWRIGHT_TRIAL"
REPORTS_VARIABLE = "SWEEPWRIGHT_REPORTS"
RAW: Path = (TRIAL_VARIABLE,)
"""Stands, as a path, for the whole description of the trial, the assignment included."""


def is_reporter(module: str) -> bool:
    """Tell whether a module, or what is taken from one, is a reporter."""
    return module.startswith(f"{REPORTERS_PACKAGE}.")


def api_name(dotted: str) -> str | None:
    """Return which function of the API a dotted name means, None for anything else."""
    module, _, name = dotted.rpartition(".")
    return name if module in APIS else None

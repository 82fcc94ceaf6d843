"""Messages about what trials report: unreadable lines, and reports that are not kept whole."""

from collections.abc import Callable

from ..plan.plan import Plan
from .report_log import METRICS_KEPT, ReportLog


class ReportWarnings:
    """Tells the user once what is lost of the reports, so that a loud trial fills no terminal."""

    def __init__(self, plan: Plan, notify: Callable[[str], None]) -> None:
        self._plan = plan
        self._notify = notify
        self._unreadable: set[str] = set()
        """Running jobs that have written an unreadable line."""
        self._told: set[str] = set()

    def on_unreadable(self, job: str, text: str) -> None:
        """Tell once for each job that it wrote a line that is not a report."""
        if job not in self._unreadable:
            self._unreadable.add(job)
            self._notify(f"{job} wrote a line that is not a report: {text[:80]!r}")

    def on_report(self, job: str, log: ReportLog) -> None:
        """Tell once for each sweep that reports of a job are dropped or shortened."""
        if log.dropped:
            limit = f"{self._plan.reports_kept:,}"
            after = f"after the first {limit} reports of a trial, some are dropped"
            self._tell(after, f"{job} reports often", "a larger reports_kept keeps more")
        if log.shortened:
            objective = self._plan.objective.metric
            after = f"after {METRICS_KEPT >> 20} MiB of a trial's metrics, others are dropped"
            self._tell(after, f"{job} reports many metrics", f"`{objective}` is always kept")

    def _tell(self, rule: str, occasion: str, help_: str) -> None:
        if rule not in self._told:
            self._told.add(rule)
            self._notify(f"{occasion}: {rule}; {help_}")

    def forget(self, job: str) -> None:
        """Forget a job that has ended."""
        self._unreadable.discard(job)

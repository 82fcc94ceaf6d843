"""Takes jobs back from the platform, so that a resume runs their attempts again.

A driver that drains withdraws the jobs that wait. A driver that is stopped for good withdraws the
running jobs too if they would outlive it, since nobody may be left who needs them. An attempt
whose job was withdrawn uses up no retry.
"""

import time
from collections.abc import Callable, Iterable

from sweepwright.diagnostics import plural
from sweepwright.events import Failure, FailureKind

from ...plan.trial_state import TrialState
from ..running_trial import RunningTrial
from ..signals import SignalCounter
from ..study import Study

CANCEL_SECONDS = 30.0
"""Longest time for which a driver that is stopped waits for the ends of jobs that outlive it."""


class Withdrawal:
    """The jobs that a driver has withdrawn."""

    def __init__(self, study: Study, cancel: Callable[[Iterable[str]], None]) -> None:
        self._study = study
        self._cancel = cancel
        self._jobs: set[str] = set()

    def withdraw_waiting(self) -> None:
        """Cancel the jobs that wait in the platform. Their trials stay due."""
        running = self._study.running.values()
        self._withdraw(
            live for live in running if live.waiting_for and live.state is TrialState.DUE
        )

    def stop_all(
        self, signals: SignalCounter, turn: Callable[[], None], notify: Callable[[str], None]
    ) -> list[str]:
        """Cancel the jobs of all trials, and take turns until the jobs have ended.

        The next signal, or `CANCEL_SECONDS`, ends the wait. Returns the jobs that may still run.
        """
        count, deadline = signals.count, time.monotonic() + CANCEL_SECONDS
        self._withdraw(self._study.running.values())
        notify("cancelling the jobs that would go on; interrupt again not to wait for their ends")
        while self._study.busy and signals.count == count and time.monotonic() < deadline:
            turn()
        left = [job for job in self._jobs if self._study.is_running(job)]
        if left:
            what = plural(len(left), "job")
            notify(f"{what} may still run; a resume or `cleanup` cancels them")
        return left

    def explains(self, job: str, failure: Failure | None) -> bool:
        """Tell whether a job ended because it was withdrawn."""
        return job in self._jobs and failure is not None and failure.kind is FailureKind.KILLED

    def _withdraw(self, trials: Iterable[RunningTrial]) -> None:
        jobs = {self._study.attempt(live).job for live in trials} - self._jobs
        self._jobs |= jobs
        self._cancel(jobs)

"""What jobs wait for: kept in the study for displays, and journaled for other processes."""

import time
from collections.abc import Callable

from sweepwright.contracts import Waiting

from ..store.entries import JobWaiting
from .machine_refusals import MachineRefusals
from .study import Study

WAIT_SECONDS = 1.0
"""Time after which a wait is journaled. Most waits are shorter, and nobody could read them."""


class JobWaits:
    """The waiting jobs of one driver.

    Invariant: a job is in ``_unwritten`` if what it waits for differs from its last entry in the
    journal, and in ``_written`` if its last entry says that it waits.
    """

    def __init__(
        self, study: Study, append: Callable[[JobWaiting], None], notify: Callable[[str], None]
    ) -> None:
        self.refusals = MachineRefusals(notify)
        """What the machine refuses to jobs, which the user is told."""
        self._study = study
        self._append = append
        self._unwritten: dict[str, tuple[float, JobWaiting]] = {}
        """The entry of each job that waits for something new, and the time of its first wait."""
        self._written: dict[str, JobWaiting] = {}

    def on_waiting(self, event: Waiting) -> None:
        """Note what a job waits for, or that it no longer waits."""
        job, wants = event.job, event.wants
        live = self._study.find_by_job(job)
        if live:
            live.waiting_for = wants or None
        if not wants:
            self.forget(job)
            return
        self.refusals.on_waiting(job, wants, event.refusal)
        if live is None:
            return
        written = self._written.get(job)
        if written and written.wants == wants:
            self._unwritten.pop(job, None)
            return
        since, _ = self._unwritten.get(job, (time.monotonic(), None))
        self._unwritten[job] = since, JobWaiting(live.trial.number, live.attempt, wants)

    def forget(self, job: str) -> None:
        """Note that a job no longer waits."""
        self.refusals.forget(job)
        self._unwritten.pop(job, None)
        if written := self._written.pop(job, None):
            self._append(JobWaiting(written.trial, written.attempt, None))

    def settle(self) -> None:
        """Journal the waits that have lasted long enough."""
        self.refusals.settle()
        if not self._unwritten:
            return
        before = time.monotonic() - WAIT_SECONDS
        due = [job for job, (since, _) in self._unwritten.items() if since <= before]
        for job in due:
            _, self._written[job] = self._unwritten.pop(job)
            self._append(self._written[job])

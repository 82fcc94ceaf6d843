"""The queue of jobs that wait for resources of other jobs, or for what the machine refuses.

The technique for refusals is the circuit breaker. A refusal opens it: no job starts until a delay
is over. Then one job at a time is the probe. If the machine refuses the probe too, the delay
doubles. If the probe starts, the next job is the probe at once. The breaker closes with the last
job of the queue. A job that ends gives resources back, so the delay ends then too.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from .active_job import ActiveJob
from .fork_server.refusals import Refusal
from .slots import NOTHING, Slots, describe_needs

FIRST_DELAY_SECONDS = 0.1
LONGEST_DELAY_SECONDS = 5.0


class LaunchQueue:
    """Decides which job starts next, in the order in which the jobs were launched.

    Invariants: a job in the queue holds no grant; `refusal` is set exactly while the breaker is
    open; only then can there be a `_probe`, which is not in the queue.
    """

    def __init__(self, slots: Slots, now: Callable[[], float] = time.monotonic) -> None:
        self.refusal: Refusal | None = None
        """What the machine refuses; None if it refuses nothing."""
        self._slots = slots
        self._now = now
        self._jobs: list[ActiveJob] = []
        self._probe: ActiveJob | None = None
        self._delay = FIRST_DELAY_SECONDS
        self._retry_at = 0.0

    def __contains__(self, job: ActiveJob) -> bool:
        return job in self._jobs

    @property
    def retry_at(self) -> float:
        """Time of the next probe; infinity if no probe is due."""
        waits = self.refusal and self._jobs and self._probe is None
        return self._retry_at if waits else float("inf")

    def add(self, job: ActiveJob) -> None:
        """Add a job behind those that were launched before it."""
        self._jobs.append(job)
        self._jobs.sort(key=lambda other: other.number)

    def take(self) -> ActiveJob | None:
        """Remove and return the next job that may start, with its grant; None if none may."""
        if self.refusal and (self._probe or self._now() < self._retry_at):
            return None
        lacks = False
        for job in self._jobs:
            # A job that lacks resources holds back all jobs behind it that need resources too, so
            # that small jobs do not starve a large one.
            if lacks and not job.needs_nothing:
                continue
            job.grant = NOTHING if job.needs_nothing else self._slots.acquire(job.needs)
            if job.grant is not None:
                self._jobs.remove(job)
                self._probe = job if self.refusal else None
                return job
            lacks = True
        return None

    def describe_wait(self, job: ActiveJob) -> Refusal:
        """Return what a job in the queue waits for; the reason is empty if other jobs use it."""
        lacking = self._slots.lacking(job.needs) or describe_needs(job.needs)
        return self.refusal or Refusal(lacking, "")

    def on_refused(self, job: ActiveJob, refusal: Refusal) -> None:
        """Put a job back that the machine refused to start, and let no job start for a while."""
        # Jobs that were under way when the breaker opened tell nothing new.
        if self.refusal is None or job is self._probe:
            longer = min(2 * self._delay, LONGEST_DELAY_SECONDS)
            self._delay = longer if self.refusal else FIRST_DELAY_SECONDS
            self._retry_at = self._now() + self._delay
        self.refusal = refusal
        self._forget(job)
        self.add(job)

    def on_started(self, job: ActiveJob) -> None:
        """Let the next job start at once if this job was the probe."""
        if job is self._probe:
            self._delay, self._retry_at = FIRST_DELAY_SECONDS, 0.0
            self._probe = None
        if not self._jobs:
            self.refusal = None

    def on_end(self, job: ActiveJob) -> None:
        """Give the resources of a job back, and remove it if it is in the queue."""
        if job in self._jobs:
            self._jobs.remove(job)
        self._retry_at = 0.0
        self._forget(job)
        if not self._jobs and self._probe is None:
            self.refusal = None

    def _forget(self, job: ActiveJob) -> None:
        if job.grant is not None:
            self._slots.release(job.grant)
            job.grant = None
        if job is self._probe:
            self._probe = None

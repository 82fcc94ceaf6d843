"""The platform ``pai``: runs jobs of an OpenPAI cluster, which go on without it.

The `Scheduler` makes all decisions, in the driver's thread. The threads of `Calls` make none: they
put the answers to requests into one queue.
"""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue

from sweepwright.contracts import Job, JobEvent, Refused
from sweepwright.events import Json
from sweepwright.runner_client.pods.log_reader import LogReader

from .calls import Answered, Calls
from .names import role_name, submission_number
from .rate_budget import Clock
from .scheduling.active_job import ActiveJob, Stage
from .scheduling.scheduler import Scheduler

SETTLE_SECONDS = 30.0
"""Seconds for which a resume waits for the first list of jobs."""
END_SECONDS = 15.0
"""Seconds for which `close` waits until jobs that nobody wants have been stopped."""
_BATCH = 500
"""Number of answers that are handled before `poll` returns their events."""


class Pai:
    """Runs jobs of a cluster. They outlive it: a later driver of the sweep takes them over."""

    def __init__(
        self,
        render: Callable[[Job], Json],
        scheduler: Scheduler,
        calls: Calls,
        answers: SimpleQueue[Answered],
        clock: Clock,
        prepare: Callable[[], str],
        release: Callable[[], None],
    ) -> None:
        """Put the parts together.

        Parameters
        ----------
        prepare
            Puts the code where containers find it; returns why it cannot, or an empty text.
        release
            Closes all connections.
        """
        self._render = render
        self._scheduler = scheduler
        self._calls = calls
        self._answers = answers
        self._clock = clock
        self._prepare = prepare
        self._release = release
        self._names: set[str] = set()
        """Jobs that were launched or taken over; a refused one may be launched again."""
        self._refusals: list[JobEvent] = []
        self._closed = False

    def render(self, job: Job) -> Json:
        """Describe a job in OpenPAI's job protocol."""
        return self._render(job)

    def launch(self, job: Job, submission: Json) -> None:
        """Submit a job as soon as OpenPAI's limits permit it."""
        if job.name in self._names:
            return
        if fault := self._prepare():
            self._refusals.append(Refused(job.name, fault))
            return
        self._names.add(job.name)
        self._scheduler.jobs[job.name] = self._active(job, submission)

    def poll(self, seconds: float) -> Sequence[JobEvent]:
        """Wait at most `seconds` for an event, and return all events that have happened."""
        until = time.monotonic() + seconds
        while True:
            self._scheduler.step()
            events = [*self._refusals, *self._scheduler.take_events()]
            self._refusals.clear()
            if events or time.monotonic() >= until:
                self._names -= {event.job for event in events if isinstance(event, Refused)}
                return events
            self._receive(min(until - time.monotonic(), self._scheduler.until_next))

    def cancel(self, job: str) -> None:
        """Stop a job, or take it back if it is not submitted."""
        if job not in self._names or job in self._scheduler.jobs:
            self._scheduler.cancel(job)

    def reattach(self, job: Job, handle: Json, cursor: Json) -> bool:
        """Take over a job from an earlier driver, unless OpenPAI has lost or stopped it.

        If OpenPAI does not answer, the job is taken over nevertheless, because it may still run.
        """
        key = handle.get("job") if isinstance(handle, dict) else None
        number = submission_number(job.name, key) if isinstance(key, str) else None
        if number is None:
            return False
        self._settle()
        if self._scheduler.listed.items is not None:
            item = self._scheduler.listed.get(str(key))
            if item is None or item["state"] == "STOPPED":
                return False
        active = self._active(job, self._render(job))
        active.number, active.stage, active.launched = number, Stage.ACCEPTED, True
        active.reader = LogReader(cursor)
        self._names.add(job.name)
        self._scheduler.take_over(active)
        return True

    def close(self) -> None:
        """Leave the jobs to the cluster, except for those that nobody wants."""
        if self._closed:
            return
        self._closed = True
        until = time.monotonic() + END_SECONDS
        while self._scheduler.has_unwanted and time.monotonic() < until:
            self._scheduler.step()
            self._receive(min(until - time.monotonic(), self._scheduler.until_next, 1.0))
        self._calls.close()
        self._release()

    def _active(self, job: Job, submission: Json) -> ActiveJob:
        reporting = next((role for role in job.roles if role.reports), job.roles[0])
        return ActiveJob(
            job.name,
            job.trial,
            job.attempt,
            submission,
            role_name(reporting.name),
            f"{reporting.name}-0.stdout",
            self._clock(),
        )

    def _settle(self) -> None:
        """Wait a while for the first list of the sweep's jobs."""
        until = time.monotonic() + SETTLE_SECONDS
        self._scheduler.wants_list = True
        while self._scheduler.listed.items is None and time.monotonic() < until:
            self._scheduler.step()
            if self._scheduler.pace.fault:
                return
            self._receive(min(until - time.monotonic(), self._scheduler.until_next))

    def _receive(self, seconds: float) -> None:
        """Wait some time for an answer, and handle all answers that have arrived."""
        wait = min(seconds, threading.TIMEOUT_MAX)
        with suppress(Empty):
            self._handle(
                self._answers.get(timeout=wait) if wait > 0 else self._answers.get_nowait()
            )
            for _ in range(_BATCH):
                self._handle(self._answers.get_nowait())

    def _handle(self, answered: Answered) -> None:
        answered.on_answer(answered.result)

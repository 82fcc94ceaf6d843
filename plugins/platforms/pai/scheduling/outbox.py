"""The events of jobs on their way to the driver."""

from collections.abc import Sequence

from sweepwright.contracts import Ended, JobEvent, Refused, Waiting
from sweepwright.events import Failure

from .active_job import ActiveJob


class Outbox:
    """Collects events. The end of a job is reported once, and nothing of the job after it."""

    def __init__(self) -> None:
        self._events: list[JobEvent] = []

    def put(self, job: ActiveJob, event: JobEvent) -> None:
        """Report an event of a job, unless the job has ended."""
        if not job.ended:
            self._events.append(event)

    def wait(self, job: ActiveJob, wants: str, refusal: str = "") -> None:
        """Report what a job waits for, unless the same was reported last."""
        if job.waits != (wants, refusal):
            job.waits = wants, refusal
            self.put(job, Waiting(job.name, wants, refusal))

    def end(self, job: ActiveJob, failure: Failure | None) -> None:
        """Report the end of a job."""
        self.put(job, Ended(job.name, failure))
        job.ended = True

    def refuse(self, job: ActiveJob, reason: str) -> None:
        """Report that a job cannot run, for a reason that is not its own."""
        self.put(job, Refused(job.name, reason))
        job.ended = True

    def take(self) -> Sequence[JobEvent]:
        """Remove and return all events."""
        events, self._events = self._events, []
        return events

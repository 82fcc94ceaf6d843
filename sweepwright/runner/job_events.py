"""The events of an engine's jobs, as JSON; `sweepwright.runner_client.job_events` reads them.

============  ======================  ==========================================================
``event``     other keys              happened
============  ======================  ==========================================================
``launched``  ``handle``              the job's processes run
``waiting``   ``wants``, ``refusal``  the job waits for a resource, which other jobs use or, for
                                      the given reason, the machine refuses
``output``    ``line``                the job wrote a line to its reports
``ended``     ``failure``             no process of the job is left; null if it succeeded, or else
                                      ``kind`` and ``message``
``refused``   ``reason``              the machine refuses the job for good
============  ======================  ==========================================================

The key ``job`` of each event has the name of the job.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .active_job import ActiveJob
from .failures import Failure
from .fork_server.channel import Message
from .fork_server.refusals import Refusal


class JobEvents:
    """The events that have happened since they were taken last."""

    def __init__(self) -> None:
        self._events: list[Message] = []

    def __bool__(self) -> bool:
        return bool(self._events)

    def take(self) -> list[Message]:
        """Remove and return all events."""
        events, self._events = self._events, []
        return events

    def launched(self, job: ActiveJob, children: list[int]) -> None:
        """Tell the ids of a job's processes, once for each job."""
        if not job.launched:
            self._add(job, "launched", handle={"pids": children})
        job.launched = True

    def waiting(self, job: ActiveJob, wait: Refusal) -> None:
        """Tell what a job waits for, unless the same was told last."""
        if job.waits_for != wait.wants:
            job.waits_for = wait.wants
            self._add(job, "waiting", wants=wait.wants, refusal=wait.reason)

    def output(self, job: ActiveJob, lines: Iterable[str]) -> None:
        """Tell lines of a job's reports."""
        for line in lines:
            job.reported = True
            self._add(job, "output", line=line)

    def ended(self, job: ActiveJob, failure: Failure | None) -> None:
        """Tell that a job has ended."""
        self._add(job, "ended", failure=failure and failure._asdict())

    def refused(self, job: ActiveJob, reason: str) -> None:
        """Tell that the machine refuses a job for good."""
        self._add(job, "refused", reason=reason)

    def _add(self, job: ActiveJob, event: str, **facts: Any) -> None:
        self._events.append({"event": event, "job": job.name, **facts})

"""Submits jobs, each once: whatever becomes of an answer, no job runs twice.

A submission whose answer is lost may have arrived. Before it is repeated, a new list is awaited,
in which the job is if it has arrived. If the list lags behind, OpenPAI refuses the repetition,
because the name exists, and its configuration says whether it is the same job.
"""

from collections.abc import Callable
from typing import Any

from sweepwright.events import Failure, FailureKind, Json

from ..api import Api
from ..client import ApiError, NoTokenError, PaiError
from ..options import PaiOptions
from ..rate_budget import Clock
from .active_job import CANCELLED, ActiveJob, Stage
from .job_list import JobList
from .outbox import Outbox
from .pace import REFUSED_SECONDS, Pace

_STOPPING = ("STOPPING", "STOPPED")
_CONFLICT, _TOO_LARGE = 409, 413
_SERVER_ERRORS = 500


class Submissions:
    """Submits the jobs of a sweep one after the other, within the limits."""

    def __init__(
        self,
        options: PaiOptions,
        api: Api,
        ask: Callable[[Callable[[], Any], Callable[[Any], None]], None],
        clock: Clock,
        pace: Pace,
        listed: JobList,
        outbox: Outbox,
    ) -> None:
        self._options = options
        self._api = api
        self._ask = ask
        self._clock = clock
        self._pace = pace
        self._listed = listed
        self._outbox = outbox
        self._submitting = False

    def until_due(self, jobs: list[ActiveJob]) -> float:
        """Return the number of seconds until one of these jobs can be submitted."""
        if not jobs or self._submitting or self._listed.items is None:
            return float("inf")
        first = min(job.not_before for job in jobs) - self._clock()
        return max(self._pace.until_submission, first)

    def step(self, jobs: list[ActiveJob]) -> list[tuple[ActiveJob, Json]]:
        """Submit the first of these jobs that is due; return those that OpenPAI knows already."""
        if self._listed.items is None:
            return []
        known = [(job, item) for job in jobs if (item := self._find(job)) is not None]
        if not self._submitting and not self._pace.until_submission:
            now = self._clock()
            due = (job for job in jobs if job.stage is Stage.QUEUED and job.not_before <= now)
            if job := next(due, None):
                self._submit(job)
        return known

    def _find(self, job: ActiveJob) -> Json:
        """Find a job in the list; if it is there, it counts as accepted.

        A job that was stopped was taken back, so its name is launched anew, under another name in
        OpenPAI, which keeps names for ever.
        """
        found = self._listed.submissions(job.name)
        latest = max(found, default=0)
        if latest < job.number:
            return None
        job.number = latest
        if found[latest].get("state") in _STOPPING:
            job.number += 1
            return None
        job.stage, job.awaited, job.since = Stage.ACCEPTED, False, self._clock()
        return found[latest]

    def _submit(self, job: ActiveJob) -> None:
        self._submitting = True
        job.stage = Stage.SENT
        self._pace.submissions.take()
        body = job.body
        self._ask(lambda: self._api.submit(body), lambda result: self._on_answer(job, result))

    def _on_answer(self, job: ActiveJob, result: Any) -> None:
        self._submitting = False
        job.since = self._clock()
        if not isinstance(result, PaiError):
            job.stage = Stage.ACCEPTED
            self._pace.list_soon()
            return
        job.stage = Stage.QUEUED
        if job.cancelled and not _may_have_arrived(result):
            self._outbox.end(job, CANCELLED)
        elif isinstance(result, ApiError) and result.status == _CONFLICT:
            self._ask_for_owner(job)
        elif _may_have_arrived(result):
            self._wait(job, "an answer of OpenPAI", str(result))
            self._listed.forget()
        else:
            self._on_refusal(job, result)

    def _ask_for_owner(self, job: ActiveJob) -> None:
        """Ask whose job has the name of this one; until then, nothing is decided."""
        job.not_before = float("inf")
        key = job.key
        self._ask(lambda: self._api.is_ours(key, job.name), lambda ours: self._on_owner(job, ours))

    def _on_owner(self, job: ActiveJob, ours: Any) -> None:
        job.not_before = float("-inf")
        if isinstance(ours, PaiError):
            self._wait(job, "an answer of OpenPAI", str(ours))
        elif not ours:
            job.number += 1
        else:
            job.awaited = True
            job.not_before = self._clock() + REFUSED_SECONDS
        self._listed.forget()
        self._pace.list_soon()

    def _on_refusal(self, job: ActiveJob, error: PaiError) -> None:
        """Decide what the refusal of a submission means."""
        if self._pace.hold_if_limited(error, self._pace.submissions):
            return
        if isinstance(error, ApiError):
            if error.code == "InvalidProtocolError" or error.status == _TOO_LARGE:
                message = f"OpenPAI refuses it: {error}"
                self._outbox.end(job, Failure(FailureKind.LAUNCH, message))
                return
            if error.code == "NoEnoughQuotaError":
                self._wait(job, "quota", str(error))
                return
        self._outbox.refuse(job, str(error))

    def _wait(self, job: ActiveJob, wants: str, refusal: str) -> None:
        job.not_before = self._clock() + min(REFUSED_SECONDS, self._options.poll_seconds)
        self._outbox.wait(job, wants, refusal)


def _may_have_arrived(error: PaiError) -> bool:
    """Tell whether a submission may have had its effect although it was not answered."""
    if isinstance(error, ApiError):
        return error.status >= _SERVER_ERRORS
    return not isinstance(error, NoTokenError)

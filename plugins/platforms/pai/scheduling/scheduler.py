"""Decides what to ask OpenPAI and what its answers mean for the jobs of a sweep.

One list of the sweep's jobs tells the states of all of them. Only a job that has just begun or
ended is asked about alone. The methods make requests through `ask`, whose answers come back into
the same thread, so that nothing here needs a lock.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from sweepwright.contracts import JobEvent
from sweepwright.events import Failure, FailureKind, Json

from ..api import Api
from ..client import ApiError, NoTokenError, PaiError
from ..options import PaiOptions
from ..rate_budget import Clock
from .active_job import CANCELLED, ActiveJob, Stage
from .job_following import JobFollowing
from .job_list import JobList
from .outbox import Outbox
from .pace import Pace
from .submissions import Submissions

_FINAL = ("STOPPED", "SUCCEEDED", "FAILED")
_MISSING_LISTS = 3
"""Number of lists in a row without a job after which the job is lost."""
_UNAUTHORIZED, _NOT_FOUND = 401, 404
_TAKEN_BACK = Failure(FailureKind.KILLED, "cancelled before it was submitted")
_RUN_AGAIN = Failure(
    FailureKind.LOST, "its container was lost, and OpenPAI began to run the job again"
)
_LONGEST_WAIT = 3600.0


class Ask(Protocol):
    """Makes a request in another thread, and passes on its answer."""

    def __call__(self, request: Callable[[], Any], on_answer: Callable[[Any], None]) -> None:
        """Make a request; `on_answer` receives its answer or a `PaiError`."""
        ...


class Scheduler:
    """The jobs of one sweep, and the requests that are due."""

    def __init__(
        self,
        options: PaiOptions,
        api: Api,
        ask: Ask,
        clock: Clock,
        keep_output: Callable[[ActiveJob, int, bytes], None],
    ) -> None:
        self.jobs: dict[str, ActiveJob] = {}
        self.listed = JobList()
        self.pace = Pace(options, clock)
        self.wants_list = False
        """Whether the jobs are to be listed although there are none of this driver."""
        self._outbox = Outbox()
        self._options = options
        self._api = api
        self._ask_threads = ask
        self._clock = clock
        self._following = JobFollowing(options, api, self._ask, clock, self._outbox, keep_output)
        self._submissions = Submissions(
            options, api, self._ask, clock, self.pace, self.listed, self._outbox
        )
        self._listing = False
        self._knows_submissions = False
        self._unwanted: set[str] = set()
        """Jobs of earlier drivers that are to be stopped."""
        self._stopping = 0
        """Number of such jobs that are being stopped."""

    @property
    def until_next(self) -> float:
        """Seconds until a request is due, if nothing happens before."""
        pause = self.pace.requests.wait()
        waits = [max(pause, self._following.until_due(job)) for job in self.jobs.values()]
        waits.append(self._submissions.until_due(self._queued()))
        if self._list_is_wanted and not self._listing:
            waits.append(self.pace.until_list)
        return max(0.0, min(_LONGEST_WAIT, *waits))

    @property
    def has_unwanted(self) -> bool:
        """Whether jobs are still to be stopped."""
        jobs = self.jobs.values()
        wanted = any(job.cancelled and not job.stopped and not job.ended for job in jobs)
        return wanted or bool(self._unwanted) or self._stopping > 0

    def take_events(self) -> Sequence[JobEvent]:
        """Remove and return the events of all jobs."""
        return self._outbox.take()

    def take_over(self, job: ActiveJob) -> None:
        """Follow a job that an earlier driver has submitted."""
        job.log = self._api.log(job.key, job.role)
        self.jobs[job.name] = job
        self.pace.list_soon()

    def cancel(self, name: str) -> None:
        """Stop a job, or take it back if it is not submitted; stop that of an earlier driver."""
        job = self.jobs.get(name)
        if job is None:
            self._unwanted.add(name)
            self.listed.forget()
            self.pace.list_soon()
        elif job.stage is Stage.QUEUED:
            self._outbox.end(job, _TAKEN_BACK)
        else:
            job.cancelled = True

    def step(self) -> None:
        """Make the requests that are due and that the limits permit."""
        if self._list_is_wanted and not self._listing and not self.pace.until_list:
            self._list()
        for job, item in self._submissions.step(self._queued()):
            self._on_item(job, item)
        for job in self.jobs.values():
            if self.pace.requests.wait():
                break
            self._stop_if_unwanted(job)
            self._following.step(job)
        self._tell_waits()
        for job in [job for job in self.jobs.values() if job.ended]:
            del self.jobs[job.name]

    @property
    def _list_is_wanted(self) -> bool:
        if self.listed.items is None:
            return self.wants_list or bool(self.jobs or self._unwanted)
        return any(job.stage is Stage.ACCEPTED or job.awaited for job in self.jobs.values())

    def _queued(self) -> list[ActiveJob]:
        jobs = self.jobs.values()
        return [job for job in jobs if job.stage is Stage.QUEUED and not job.ended]

    def _ask(self, request: Callable[[], Any], on_answer: Callable[[Any], None]) -> None:
        self.pace.requests.take()

        def answered(result: Any) -> None:
            if isinstance(result, PaiError):
                self.pace.hold_if_limited(result, self.pace.requests)
            on_answer(result)

        self._ask_threads(request, answered)

    # The list of jobs

    def _list(self) -> None:
        self._listing = True
        self.pace.lists.take()
        if self._knows_submissions:
            self._ask(self._api.list, self._on_list)
        else:
            # The limit also counts other sweeps of the user, and earlier drivers of this one.
            self.pace.lists.take()
            self._ask(self._api.latest_submissions, self._on_submissions)

    def _on_submissions(self, result: Any) -> None:
        if isinstance(result, PaiError):
            self._on_list(result)
            return
        self._knows_submissions = True
        self.pace.submissions.remember(result)
        self._ask(self._api.list, self._on_list)

    def _on_list(self, result: Any) -> None:
        self._listing = False
        if isinstance(result, PaiError):
            self.pace.on_failed_list(result)
            if isinstance(result, NoTokenError) or _is(result, _UNAUTHORIZED):
                # What runs can go on without a token; what is not submitted cannot begin.
                for job in self._queued():
                    self._outbox.refuse(job, str(result))
            return
        self.listed.update(result)
        self.pace.on_list(hurried=any(job.stopped for job in self.jobs.values()))
        self._stop_unwanted()
        for job in self.jobs.values():
            if job.stage is Stage.ACCEPTED:
                self._on_item(job, self.listed.get(job.key))

    def _on_item(self, job: ActiveJob, item: Json) -> None:
        """Learn the state of a job."""
        if item is None:
            job.missing += 1
            if job.missing >= _MISSING_LISTS:
                lost = Failure(FailureKind.LOST, "OpenPAI no longer knows the job")
                self._outbox.end(job, lost)
            return
        job.missing, job.state = 0, str(item.get("state"))
        if job.verdict is None:
            job.verdict = self._verdict(job, item)
        if job.state in _FINAL:
            job.stage, job.log_at = Stage.ENDING, float("-inf")

    def _verdict(self, job: ActiveJob, item: Json) -> Failure | None:
        """Return why a job must be stopped; None if it may go on."""
        # OpenPAI repeats what it considers its own fault without end, and the log begins anew.
        if item.get("retries"):
            return _RUN_AGAIN
        limit = self._options.start_timeout
        if job.state == "WAITING" and limit is not None and self._clock() - job.since > limit:
            wants = job.waits[0] or "the cluster"
            message = f"waited longer than {limit:g} s (`start_timeout`) for {wants}"
            return Failure(FailureKind.LAUNCH, message)
        return None

    # Stopping

    def _stop_if_unwanted(self, job: ActiveJob) -> None:
        unwanted = job.cancelled or job.verdict is not None
        if job.stage is not Stage.ACCEPTED or job.ended or not unwanted or job.stopped:
            return
        if "stop" not in job.asked and self._clock() >= job.not_before:
            job.asked.add("stop")
            key = job.key
            self._ask(lambda: self._api.stop(key), lambda result: self._on_stopped(job, result))

    def _on_stopped(self, job: ActiveJob, result: Any) -> None:
        job.asked.discard("stop")
        if isinstance(result, PaiError):
            job.not_before = self._clock() + self._options.poll_seconds
            if _is(result, _NOT_FOUND):
                self._outbox.end(job, job.verdict or CANCELLED)
            return
        job.stopped = True
        self.pace.list_soon()

    def _stop_unwanted(self) -> None:
        """Stop the jobs of earlier drivers that nobody wants."""
        unwanted, self._unwanted = self._unwanted, set()
        for name in unwanted:
            for key in self.listed.live(name):
                self._stopping += 1
                self._stop_earlier(name, key)

    def _stop_earlier(self, name: str, key: str) -> None:
        def on_answer(result: Any) -> None:
            self._stopping -= 1
            if isinstance(result, PaiError) and not _is(result, _NOT_FOUND):
                self._unwanted.add(name)
                self.listed.forget()

        self._ask(lambda: self._api.stop(key), on_answer)

    # Waiting

    def _tell_waits(self) -> None:
        """Say what each job waits for that does not run."""
        fault = self.pace.fault if self.pace.is_away else ""
        for job in self.jobs.values():
            if fault and job.stage is not Stage.SENT:
                self._outbox.wait(job, f"the OpenPAI server {self._options.url}", fault)
            elif job.stage is Stage.QUEUED:
                if self.pace.submissions.wait():
                    limit = self._options.submissions_per_hour
                    self._outbox.wait(job, f"a submission; OpenPAI allows {limit} an hour")
            elif job.stage is Stage.ACCEPTED and job.state == "WAITING":
                cluster = self._options.virtual_cluster or "default"
                self._outbox.wait(job, f"room in the virtual cluster `{cluster}`")
            elif job.launched and job.waits[0]:
                self._outbox.wait(job, "")


def _is(error: PaiError, status: int) -> bool:
    return isinstance(error, ApiError) and error.status == status

"""The engine: sends jobs to fork servers, and reports what becomes of the jobs as JSON events."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable
from functools import partial
from itertools import count
from pathlib import Path
from selectors import DefaultSelector

from .active_job import MAX_LOST_SERVERS, START_SECONDS, ActiveJob
from .failures import (
    CANCELLED,
    Failure,
    count_oom_kills,
    find_oom_counter,
    launch_failed,
    lost_job,
    timed_out,
)
from .fork_server.channel import Message
from .fork_server.process_tree import LINUX
from .fork_server.refusals import Refusal, describe_failure, read_refusal
from .job_events import JobEvents
from .launch_queue import LaunchQueue
from .leftovers import end_writers
from .output_limit import OutputLimit
from .rendezvous import Member
from .report_fifo import REPORTS, ReportFifo, SpareFifos
from .servers import ForkServers
from .settings import Settings
from .slots import Slots
from .start_request import ListeningMember, Reservations, complete_request, reserve_ports


class Engine:
    """Runs jobs as processes of this machine, with one thread and one selector.

    A job succeeds once all processes of its reporting roles have succeeded; its other processes
    are then stopped. A job fails with the first process that fails.

    The resources ``cpu``, ``gpu`` and ``memory`` of a role are reserved for its processes. If they
    are not free, the job waits in a queue. Memory is also a limit for each process, as
    ``RLIMIT_DATA``, which does not count the many addresses that CUDA reserves.

    A refusal of the machine is never charged to a job: if the refusal may pass, the job
    goes back to the queue, and otherwise it is `Refused`.

    Invariants: a job is in `_jobs` from its launch to its end; it is in `_queue` exactly while it
    waits to be started; it has a `grant` exactly while it does not wait.
    """

    def __init__(self, settings: Settings) -> None:
        self.selector = DefaultSelector()
        """Waits for messages. A caller may register files; `poll` calls ``key.data(mask)``."""
        self._folder = Path(settings.folder)
        self._output_limit = OutputLimit(settings.max_output)
        self._slots = Slots(settings.capacity)
        self._queue = LaunchQueue(self._slots)
        self._spare_fifos = SpareFifos()
        self._jobs: dict[str, ActiveJob] = {}
        self._launched_names: set[str] = set()
        self._numbers = count()
        self._events = JobEvents()
        self._reservations = Reservations()
        self._interrupted = False
        self._oom_counter = find_oom_counter()
        self._servers = ForkServers(settings, self.selector, self._on_answer)

    def launch(self, name: str, submission: Message) -> None:
        """Start a job, or queue it until its resources are free; a known name starts nothing."""
        if name in self._launched_names:
            return
        self._launched_names.add(name)
        job = self._jobs[name] = ActiveJob(name, next(self._numbers), submission)
        if impossible := self._slots.impossible(job.needs):
            self._refuse(job, f"this machine has less than {impossible}")
            return
        self._queue.add(job)
        self._start_queued()
        self._tell_wait(job)

    def reserve(self, name: str, members: Iterable[Member]) -> list[ListeningMember]:
        """Reserve a port for each process of a job that processes on other machines must find.

        The job's submission is then given the ports under the key ``ports``. They are released
        when the job ends or is cancelled. Raises `OSError` if the system refuses.
        """
        return self._reservations.reserve(name, members)

    def poll(self, seconds: float) -> list[Message]:
        """Wait at most `seconds` for an event, and return all events that have happened."""
        until = time.monotonic() + seconds
        while True:
            self._step(0.0 if self._events else self._seconds_to_wait(until))
            if self._events or self._interrupted or time.monotonic() >= until:
                self._interrupted = False
                return self._events.take()

    def interrupt(self) -> None:
        """Let `poll` return, although there may be no event; for files of the caller's."""
        self._interrupted = True

    def cancel(self, name: str) -> None:
        """Ask a job to end, and kill it if it still runs after the grace period."""
        job = self._jobs.get(name)
        if job is None:
            self._reservations.release(name)
        elif job in self._queue:
            self._end(job, CANCELLED)
        else:
            self._stop(job, CANCELLED)

    def finish(self, name: str) -> None:
        """End a job in the same way, but as a success, because its other parts have succeeded."""
        job = self._jobs.get(name)
        if job is None:
            return
        if job in self._queue:
            self._end(job, None)
        elif job.server:
            job.server.end(name, "finish")

    def close(self) -> None:
        """Stop every job and every fork server; a second call does nothing."""
        self._servers.close()
        for job in self._jobs.values():
            job.release(self.selector)
        self._reservations.close()
        # Drivers that were killed may have left named pipes behind, which hang many programs.
        shutil.rmtree(self._folder / REPORTS, ignore_errors=True)
        self._jobs.clear()
        self.selector.close()

    def _step(self, seconds: float) -> None:
        """Wait at most `seconds` for messages or deadlines, and handle them."""
        for key, mask in self.selector.select(seconds):
            key.data(mask)
        self._servers.kill_unresponsive()
        now = time.monotonic()
        # A deadline that has passed is cleared, because the job may still use its grace period.
        for job in self._jobs.values():
            if job.unheard:
                self._listen(job)
            if job.deadline is not None and job.deadline <= now:
                job.deadline = None
                self._on_time_limit(job)
        self._output_limit.check(self._jobs.values())
        self._start_queued()

    def _seconds_to_wait(self, until: float) -> float:
        deadlines = (job.deadline for job in self._jobs.values() if job.deadline is not None)
        first = min([until, self._queue.retry_at, self._servers.answer_by, *deadlines])
        return max(0.0, first - time.monotonic())

    def _on_time_limit(self, job: ActiveJob) -> None:
        if job.launched:
            self._stop(job, timed_out(job.time_limit or 0.0))
        elif job.server is not None:
            # Its keeper should have started it long ago, and is probably stopped.
            job.server.give_up(job.name)

    def _start_queued(self) -> None:
        while (job := self._queue.take()) is not None:
            self._start(job)

    def _tell_wait(self, job: ActiveJob) -> None:
        """Report what a job waits for, if it waits and has not reported the same before."""
        if job in self._queue:
            self._events.waiting(job, self._queue.describe_wait(job))

    def _start(self, job: ActiveJob) -> None:
        job.oom_kills_before = count_oom_kills(self._oom_counter)
        try:
            job.server = self._servers.find(job.submission["interpreter"])
            if job.server.refusal is not None:
                self._on_refusal(job, job.server.refusal)
                return
            job.ports = reserve_ports(job.submission)
            job.reports = self._spare_fifos.make(Path(job.submission["reports"]))
            assert job.grant is not None, "the queue grants resources"
            request = complete_request(job.submission, job.name, job.grant, job.ports)
            job.server.start(job.name, request)
        except (OSError, ValueError) as error:
            self._on_refusal(job, describe_failure(error))
            return
        if job.time_limit is not None and job.server.has_answered:
            job.deadline = time.monotonic() + max(job.time_limit, START_SECONDS)

    def _on_refusal(self, job: ActiveJob, message: Message) -> None:
        """Let a job wait that the machine refused to start; give it up if waiting is useless."""
        if job.reason is not None or message["kind"] == "launch":
            self._end(job, job.reason or launch_failed(message["message"]))
            return
        refusal = read_refusal(message, self._folder)
        if refusal.wants and not job.reported:
            job.release(self.selector)
            self._queue.on_refused(job, refusal)
            self._servers.release_idle()
            self._spare_fifos.remove()
            self._tell_wait(job)
        else:
            # Under the same name, new reports of a job would count as repetitions of the old ones.
            self._refuse(job, refusal.reason)

    def _on_readable(self, job: ActiveJob, reports: ReportFifo, _mask: int) -> None:
        # If the job ended in the same step, its end has drained and closed the pipe.
        if not reports.closed:
            self._events.output(job, reports.read())

    def _stop(self, job: ActiveJob, reason: Failure) -> None:
        job.reason = job.reason or reason
        if job.server:
            job.server.end(job.name, "stop")

    def _on_answer(self, name: str, answer: Message) -> None:
        """Handle an answer of a fork server about a job."""
        job = self._jobs[name]
        if "started" in answer:
            self._on_started(job, answer["started"])
        elif "waiting" in answer:
            self._on_late_refusal(job, answer["waiting"])
        elif "ended" in answer:
            self._on_ended(job, answer["first_failure"], stopped=answer["stopped"])
        elif "refused" in answer:
            self._on_refusal(job, answer["refused"])
        elif "lost" in answer:
            end_writers(job.submission["attempt_folder"])
            self._on_lost(job, answer["lost"])

    def _on_started(self, job: ActiveJob, children: list[int]) -> None:
        """Begin to read the reports of a job.

        The reports are not read earlier, because a fast job's report may arrive before the answer
        ``started``, but must not precede the job's `Launched` event.
        """
        if not children:
            return
        job.waits_for = ""
        self._queue.on_started(job)
        self._events.launched(job, children)
        self._listen(job)
        if job.time_limit is not None:
            job.deadline = time.monotonic() + job.time_limit

    def _listen(self, job: ActiveJob) -> None:
        """Begin to read a job's reports; if the machine refuses, the next step tries again."""
        if reports := job.reports:
            job.listen(self.selector, partial(self._on_readable, job, reports))

    def _on_late_refusal(self, job: ActiveJob, message: Message) -> None:
        """Report what a job lacks whose processes have succeeded; its keeper tries again."""
        job.deadline = None
        self._events.waiting(job, read_refusal(message, self._folder))

    def _on_lost(self, job: ActiveJob, reason: str) -> None:
        """End a job whose keeper died; if the job had not started, start it again."""
        job.lost_servers += 1
        if job.launched or job.reason is not None:
            self._end(job, job.reason or lost_job(reason))
        elif job.lost_servers < MAX_LOST_SERVERS:
            job.release(self.selector)
            self._queue.on_refused(job, Refusal("a fork server", reason))
            self._tell_wait(job)
        else:
            self._refuse(job, f"{reason}; `{self._servers.log}` may tell why")

    def _on_ended(self, job: ActiveJob, first_failure: Message | None, *, stopped: bool) -> None:
        """Handle the end of a job's last process."""
        reason = first_failure and first_failure["reason"]
        if first_failure and reason and reason["kind"] == "refused":
            self._on_refusal(job, job.explain_refusal(first_failure))
        else:
            failure = job.explain(first_failure, self._oom_counter)
            self._end(job, job.reason if stopped else failure, silent=LINUX)

    def _refuse(self, job: ActiveJob, reason: str) -> None:
        """Give up a job that the machine refuses for good. Its name may be launched again."""
        self._forget(job)
        self._launched_names.discard(job.name)
        self._events.refused(job, reason)

    def _end(self, job: ActiveJob, failure: Failure | None, *, silent: bool = False) -> None:
        """Finish a job; if `silent`, none of its processes is left that could report."""
        if job.reports:
            self._events.output(job, job.reports.drain())
        if silent and (reports := job.detach_reports(self.selector)):
            self._spare_fifos.take_back(reports)
        self._output_limit.on_end(job)
        self._forget(job)
        self._events.ended(job, failure)

    def _forget(self, job: ActiveJob) -> None:
        job.release(self.selector)
        self._queue.on_end(job)
        self._reservations.release(job.name)
        del self._jobs[job.name]

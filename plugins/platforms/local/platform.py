"""The platform ``local``: sends jobs to fork servers, and reports the jobs' events."""

import shutil
import time
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from selectors import DefaultSelector
from typing import Any

from sweepwright.contracts import (
    Ended,
    Job,
    JobEvent,
    Launched,
    Output,
    Refused,
    Waiting,
    Workspace,
)
from sweepwright.events import Failure, Json

from .active_job import MAX_LOST_SERVERS, START_SECONDS, ActiveJob
from .capacity import Capacity
from .failures import (
    CANCELLED,
    count_oom_kills,
    find_oom_counter,
    launch_failed,
    lost_job,
    timed_out,
)
from .fork_server.process_tree import LINUX
from .fork_server.refusals import Refusal, describe_failure, read_refusal
from .launch_queue import LaunchQueue
from .leftovers import end_writers
from .output_limit import OutputLimit
from .report_fifo import ReportFifo, SpareFifos
from .servers import ForkServers
from .slots import Slots
from .start_request import complete_request, reserve_ports
from .submission import REPORTS, Renderer


class Local:
    """Runs jobs as processes of this machine, with one thread and one selector.

    A job succeeds once all processes of its reporting roles have succeeded; its other processes
    are then stopped. A job fails with the first process that fails.

    The resources ``cpu``, ``gpu`` and ``memory`` of a role are reserved for its processes. If they
    are not free, the job waits in a queue. Memory is also a limit for each process, as
    ``RLIMIT_DATA``, which does not count the many addresses that CUDA reserves.

    What the machine refuses to a job is never charged to the job: if the refusal may pass, the job
    goes back to the queue, and otherwise it is `Refused`.

    Invariants: a job is in `_jobs` from its launch to its end; it is in `_queue` exactly while it
    waits to be started; it has a `grant` exactly while it does not wait.
    """

    def __init__(
        self, capacity: Capacity, python: str, workspace: Workspace, max_output: int | None = None
    ) -> None:
        self._workspace = workspace
        self._output_limit = OutputLimit(max_output)
        self._renderer = Renderer(workspace, capacity.cpus, python)
        self._slots = Slots(capacity)
        self._queue = LaunchQueue(self._slots)
        self._selector = DefaultSelector()
        self._spare_fifos = SpareFifos()
        self._jobs: dict[str, ActiveJob] = {}
        self._launched_names: set[str] = set()
        self._numbers = count()
        self._events: list[JobEvent] = []
        self._oom_counter = find_oom_counter()
        self._servers = ForkServers(workspace, self._selector, self._on_answer)

    def render(self, job: Job) -> Json:
        """Describe a job's processes and the interpreter that starts them."""
        return self._renderer.render(job)

    def launch(self, job: Job, submission: Json) -> None:
        """Start a job, or queue it until its resources are free."""
        if job.name in self._launched_names:
            return
        self._launched_names.add(job.name)
        active = ActiveJob(job.name, next(self._numbers), submission, job.time_limit)
        self._jobs[job.name] = active
        if impossible := self._slots.impossible(active.needs):
            self._refuse(active, f"this machine has less than {impossible}")
            return
        self._queue.add(active)
        self._start_queued()
        self._tell_wait(active)

    def poll(self, seconds: float) -> Sequence[JobEvent]:
        """Wait at most `seconds` for an event, and return all events that have happened."""
        until = time.monotonic() + seconds
        while True:
            self._step(0.0 if self._events else self._seconds_to_wait(until))
            if self._events or time.monotonic() >= until:
                events, self._events = self._events, []
                return events

    def cancel(self, job: str) -> None:
        """Ask a job to end, and kill it if it still runs after two seconds."""
        active = self._jobs.get(job)
        if active is None:
            return
        if active in self._queue:
            self._end(active, CANCELLED)
        else:
            self._stop(active, CANCELLED)

    def reattach(self, job: Job, handle: Json, cursor: Json) -> bool:  # noqa: ARG002 - the contract's
        """Return False: a job dies with its driver."""
        return False

    def close(self) -> None:
        """Stop every job and every fork server; a second call does nothing."""
        self._servers.close()
        for job in self._jobs.values():
            job.release(self._selector)
        # Drivers that were killed may have left named pipes behind, which hang many programs.
        shutil.rmtree(self._workspace.folder / REPORTS, ignore_errors=True)
        self._jobs.clear()
        self._selector.close()

    def _step(self, seconds: float) -> None:
        """Wait at most `seconds` for messages or deadlines, and handle them."""
        for key, mask in self._selector.select(seconds):
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
            wait = self._queue.describe_wait(job)
            if job.waits_for != wait.wants:
                job.waits_for = wait.wants
                self._events.append(Waiting(job.name, wait.wants, wait.reason))

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

    def _on_refusal(self, job: ActiveJob, message: Json) -> None:
        """Let a job wait that the machine refused to start, or give it up if waiting is vain."""
        if job.reason is not None or message["kind"] == "launch":
            self._end(job, job.reason or launch_failed(message["message"]))
            return
        refusal = read_refusal(message, self._workspace.folder)
        if refusal.wants and not job.reported:
            job.release(self._selector)
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
            self._output(job, reports.read())

    def _output(self, job: ActiveJob, lines: Iterable[str]) -> None:
        outputs = [Output(job.name, line) for line in lines]
        job.reported = job.reported or bool(outputs)
        self._events += outputs

    def _stop(self, job: ActiveJob, reason: Failure) -> None:
        job.reason = job.reason or reason
        if job.server:
            job.server.stop(job.name)

    def _on_answer(self, name: str, answer: dict[str, Any]) -> None:
        """Handle an answer of a fork server about a job."""
        job = self._jobs[name]
        match answer:
            case {"started": children}:
                self._on_started(job, children)
            case {"waiting": refusal}:
                self._on_late_refusal(job, refusal)
            case {"ended": _, "first_failure": {"reason": {"kind": "refused"}} as first_failure}:
                self._on_refusal(job, job.explain_refusal(first_failure))
            case {"ended": _, "first_failure": first_failure, "stopped": stopped}:
                failure = job.explain(first_failure, self._oom_counter)
                self._end(job, job.reason if stopped else failure, silent=LINUX)
            case {"refused": refusal}:
                self._on_refusal(job, refusal)
            case {"lost": reason}:
                end_writers(job.submission["attempt_folder"])
                self._on_lost(job, reason)

    def _on_started(self, job: ActiveJob, children: list[int]) -> None:
        """Begin to read the reports of a job.

        The reports are not read earlier, because a fast job's report may arrive before the answer
        ``started``, but must not precede the job's `Launched` event.
        """
        if not children:
            return
        job.waits_for = ""
        self._queue.on_started(job)
        if not job.launched:
            self._events.append(Launched(job.name, {"pids": children}))
        job.launched = True
        self._listen(job)
        if job.time_limit is not None:
            job.deadline = time.monotonic() + job.time_limit

    def _listen(self, job: ActiveJob) -> None:
        """Begin to read a job's reports; if the machine refuses, the next step tries again."""
        if reports := job.reports:
            job.listen(self._selector, partial(self._on_readable, job, reports))

    def _on_late_refusal(self, job: ActiveJob, message: Json) -> None:
        """Report what a job lacks whose processes have succeeded; its keeper tries again."""
        job.deadline = None
        refusal = read_refusal(message, self._workspace.folder)
        if job.waits_for != refusal.wants:
            job.waits_for = refusal.wants
            self._events.append(Waiting(job.name, *refusal))

    def _on_lost(self, job: ActiveJob, reason: str) -> None:
        """End a job whose keeper died; if the job had not started, start it again."""
        job.lost_servers += 1
        if job.launched or job.reason is not None:
            self._end(job, job.reason or lost_job(reason))
        elif job.lost_servers < MAX_LOST_SERVERS:
            job.release(self._selector)
            self._queue.on_refused(job, Refusal("a fork server", reason))
            self._tell_wait(job)
        else:
            self._refuse(job, f"{reason}; `{self._servers.log}` may tell why")

    def _refuse(self, job: ActiveJob, reason: str) -> None:
        """Give up a job that the machine refuses for good. Its name may be launched again."""
        self._forget(job)
        self._launched_names.discard(job.name)
        self._events.append(Refused(job.name, reason))

    def _end(self, job: ActiveJob, failure: Failure | None, *, silent: bool = False) -> None:
        """Finish a job, of which no process is left that may report if it is `silent`."""
        if job.reports:
            self._output(job, job.reports.drain())
        if silent and (reports := job.detach_reports(self._selector)):
            self._spare_fifos.take_back(reports)
        self._output_limit.on_end(job)
        self._forget(job)
        self._events.append(Ended(job.name, failure))

    def _forget(self, job: ActiveJob) -> None:
        job.release(self._selector)
        self._queue.on_end(job)
        del self._jobs[job.name]

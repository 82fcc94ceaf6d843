"""The platform ``local``: sends jobs to fork servers, and reports the jobs' events."""

import json
import time
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from typing import Any

from sweepwright.contracts import Ended, Job, JobEvent, Launched, Output, Waiting, Workspace
from sweepwright.events import Failure, Json

from .capacity import Capacity
from .client import ForkServerClient
from .failures import (
    CANCELLED,
    count_oom_kills,
    explain,
    find_oom_counter,
    launch_failed,
    lost_job,
    timed_out,
)
from .report_pipe import ReportPipe
from .slots import Grant, Needs, Slots, describe_needs
from .start_request import ReservedPorts, complete_request, reserve_ports
from .submission import CHECKPOINT, UNFINISHED, Renderer


@dataclass(slots=True)
class _ActiveJob:
    """A job between its launch and its end."""

    name: str
    submission: Json
    time_limit: float | None
    grant: Grant | None = None
    server: ForkServerClient | None = None
    pipes: list[ReportPipe] = field(default_factory=list)
    ports: ReservedPorts | None = None
    deadline: float | None = None
    reason: Failure | None = None
    """Why the platform asked the job to end; None if it has not asked."""
    oom_kills_before: int = 0
    """Number of out-of-memory kills that the kernel had counted when the job began."""

    @property
    def processes(self) -> list[Json]:
        processes: list[Json] = self.submission["processes"]
        return processes

    @property
    def needs(self) -> Needs:
        return [process["resources"] for process in self.processes]

    @property
    def folder(self) -> Path:
        return Path(self.submission["attempt_folder"])


class Local:
    """Runs jobs as processes of this machine, with one thread and one selector.

    A job succeeds once all processes of its reporting roles have succeeded; its other processes
    are then stopped. A job fails with the first process that fails.

    The resources ``cpu``, ``gpu`` and ``memory`` of a role are reserved for its processes. If they
    are not free, the job waits in a queue. Memory is also a limit for each process, as
    ``RLIMIT_DATA``: this counts allocated memory but not reserved addresses, and CUDA reserves
    many addresses.

    Invariants: a job is in `_jobs` from its launch to its end; it is in `_queue` exactly while it
    waits for resources; it has a `grant` exactly while it does not wait.
    """

    def __init__(self, capacity: Capacity, python: str, workspace: Workspace) -> None:
        self._workspace = workspace
        self._renderer = Renderer(workspace, capacity.cpus, python)
        self._slots = Slots(capacity)
        self._selector = DefaultSelector()
        self._servers: dict[str, ForkServerClient] = {}
        self._jobs: dict[str, _ActiveJob] = {}
        self._queue: deque[_ActiveJob] = deque()
        self._launched_names: set[str] = set()
        self._events: list[JobEvent] = []
        self._oom_counter = find_oom_counter()

    def render(self, job: Job) -> Json:
        """Describe a job's processes and the interpreter that starts them."""
        return self._renderer.render(job)

    def launch(self, job: Job, submission: Json) -> None:
        """Start a job, or queue it until its resources are free."""
        if job.name in self._launched_names:
            return
        self._launched_names.add(job.name)
        running = self._jobs[job.name] = _ActiveJob(job.name, submission, job.time_limit)
        if impossible := self._slots.impossible(running.needs):
            self._end(running, launch_failed(f"this machine has less than {impossible}"))
        elif not describe_needs(running.needs):
            self._start(running, Grant())
        else:
            self._queue.append(running)
            self._start_queued()
            if running in self._queue:
                lacking = self._slots.lacking(running.needs) or describe_needs(running.needs)
                self._events.append(Waiting(job.name, lacking))

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
        running = self._jobs.get(job)
        if running is None:
            return
        if running in self._queue:
            self._queue.remove(running)
            self._end(running, CANCELLED)
        else:
            self._stop(running, CANCELLED)

    def reattach(self, job: Job, handle: Json, cursor: Json) -> bool:  # noqa: ARG002 - the contract's
        """Return False: a job dies with its driver."""
        return False

    def close(self) -> None:
        """Stop every job and every fork server; a second call does nothing."""
        for server in self._servers.values():
            server.close()
        for pipe in (pipe for job in self._jobs.values() for pipe in job.pipes):
            pipe.close()
        self._servers.clear()
        self._jobs.clear()
        self._queue.clear()
        self._selector.close()

    def _step(self, seconds: float) -> None:
        """Wait at most `seconds` for messages or deadlines, and handle them."""
        for key, mask in self._selector.select(seconds):
            key.data(mask)
        now = time.monotonic()
        # A deadline that has passed is cleared, because the job may still use its grace period.
        for job in self._jobs.values():
            if job.deadline is not None and job.deadline <= now:
                job.deadline = None
                self._stop(job, timed_out(job.time_limit or 0.0))

    def _seconds_to_wait(self, until: float) -> float:
        deadlines = (job.deadline for job in self._jobs.values() if job.deadline is not None)
        return max(0.0, min([until, *deadlines]) - time.monotonic())

    def _start_queued(self) -> None:
        """Start queued jobs in order, until the first job in the queue lacks resources."""
        while self._queue and (grant := self._slots.acquire(self._queue[0].needs)) is not None:
            self._start(self._queue.popleft(), grant)

    def _start(self, job: _ActiveJob, grant: Grant) -> None:
        job.grant = grant
        job.oom_kills_before = count_oom_kills(self._oom_counter)
        try:
            job.server = self._server(job.submission["interpreter"])
            job.ports = reserve_ports(job.submission)
            for _ in (process for process in job.processes if process["reports"]):
                job.pipes.append(ReportPipe())
            if job.server.refusal is None:
                request = complete_request(job.submission, job.name, grant, job.ports)
                job.server.start(job.name, request, job.pipes)
                return
            reason: object = job.server.refusal
        except OSError as error:
            reason = error
        self._end(job, launch_failed(reason))

    def _server(self, interpreter: Json) -> ForkServerClient:
        # Jobs share a server if they need the same interpreter, environment and imports.
        key = json.dumps(interpreter, sort_keys=True)
        server = self._servers.get(key)
        if server is None or (server.dead and not server.refusal):
            log = self._workspace.folder / "fork-server.log"
            server = ForkServerClient(interpreter, log, self._selector, self._on_answer)
            self._servers[key] = server
            if interpreter["prestart"]:
                server.prepare(self._workspace.concurrency)
        return server

    def _on_readable(self, job: _ActiveJob, pipe: ReportPipe, _mask: int) -> None:
        if pipe.closed:
            # The job ended in the same step, which drained this pipe.
            return
        self._output(job, pipe.read())
        if pipe.ended:
            self._close_pipe(pipe)

    def _close_pipe(self, pipe: ReportPipe) -> None:
        """Unregister a pipe before closing it: the next file may get the same descriptor."""
        with suppress(KeyError):
            self._selector.unregister(pipe)
        pipe.close()

    def _output(self, job: _ActiveJob, lines: Iterable[str]) -> None:
        self._events += [Output(job.name, line) for line in lines]

    def _stop(self, job: _ActiveJob, reason: Failure) -> None:
        job.reason = job.reason or reason
        if job.server:
            job.server.stop(job.name)

    def _on_answer(self, name: str, answer: dict[str, Any]) -> None:
        """Handle an answer of a fork server about a job."""
        job = self._jobs[name]
        match answer:
            case {"started": children}:
                self._on_started(job, children)
            case {"ended": _, "first_failure": first_failure, "stopped": stopped}:
                self._end(job, self._failure_of(job, first_failure, stopped=stopped))
            case {"refused": reason}:
                self._end(job, launch_failed(reason))
            case {"lost": reason}:
                self._end(job, lost_job(reason))

    def _on_started(self, job: _ActiveJob, children: list[int]) -> None:
        """Begin to read the reports of a job.

        The reports are not read earlier, because a fast job's report may arrive before the answer
        ``started``, but must not precede the job's `Launched` event.
        """
        if not children:
            return
        self._events.append(Launched(job.name, {"pids": children}))
        for pipe in job.pipes:
            self._selector.register(pipe, EVENT_READ, partial(self._on_readable, job, pipe))
        if job.time_limit is not None:
            job.deadline = time.monotonic() + job.time_limit

    def _failure_of(
        self, job: _ActiveJob, first_failure: Json, *, stopped: bool
    ) -> Failure | None:
        if stopped:
            return job.reason
        if first_failure is not None:
            return explain(
                first_failure,
                named=len(job.needs) > 1,
                folder=job.folder,
                out_of_memory=count_oom_kills(self._oom_counter) > job.oom_kills_before,
            )
        return _keep_checkpoint(job.folder)

    def _end(self, job: _ActiveJob, failure: Failure | None) -> None:
        """Finish a job: read its last reports, emit its `Ended` event, and start waiting jobs."""
        for pipe in job.pipes:
            if not pipe.closed:
                self._output(job, pipe.drain())
                self._close_pipe(pipe)
        if job.ports is not None:
            job.ports.close()
        del self._jobs[job.name]
        self._events.append(Ended(job.name, failure))
        if job.grant is not None:
            self._slots.release(job.grant)
        self._start_queued()


def _keep_checkpoint(folder: Path) -> Failure | None:
    """Mark the checkpoint of a successful attempt as complete, by renaming its folder."""
    try:
        (folder / UNFINISHED).rename(folder / CHECKPOINT)
    except FileNotFoundError:
        return None
    except OSError as error:
        return lost_job(f"its checkpoint cannot be kept: {error.strerror}")
    return None

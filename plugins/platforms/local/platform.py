"""The platform ``local``: it sends jobs to fork servers and hears what becomes of them."""

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

from sweepwright.contracts import Ended, Job, Launched, Output, Sighting, Waiting, Workspace
from sweepwright.events import Failure, Json

from .capacity import Capacity
from .failures import CANCELLED, explain, lost, overran, unstartable
from .out_of_memory import find_counter, kills
from .ports import Ports
from .reports import Reports
from .request import complete, reserve_ports
from .servers import Server
from .slots import Grant, Needs, Slots, describe_needs
from .submission import CHECKPOINT, UNFINISHED, Renderer


@dataclass(slots=True)
class _Running:
    """A job between its launch and its end."""

    name: str
    submission: Json
    time_limit: float | None
    grant: Grant | None = None
    server: Server | None = None
    reports: list[Reports] = field(default_factory=list)
    ports: Ports | None = None
    deadline: float | None = None
    reason: Failure | None = None
    """Why it was asked to end, if it was."""
    out_of_memory: int = 0
    """How often the kernel had run out of memory when it began."""

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
    """Runs jobs as processes of this machine, on one thread and one selector.

    A job ends well when all processes of its reporting roles have; whatever of it still runs
    then is stopped. It ends badly with the first process that does.

    What a role asks for of ``cpu``, ``gpu`` and ``memory`` is room that its processes take, and
    jobs without room wait in order. Memory is a limit too, on what a process may allocate
    (``RLIMIT_DATA``, which counts no addresses that are merely reserved, as CUDA's are).
    """

    def __init__(self, capacity: Capacity, python: str, workspace: Workspace) -> None:
        self._workspace = workspace
        self._renderer = Renderer(workspace, capacity.cpus, python)
        self._slots = Slots(capacity)
        self._selector = DefaultSelector()
        self._servers: dict[str, Server] = {}
        self._jobs: dict[str, _Running] = {}
        self._line: deque[_Running] = deque()
        self._known: set[str] = set()
        self._seen: list[Sighting] = []
        self._kills = find_counter()

    def render(self, job: Job) -> Json:
        """Describe a job's processes and the interpreter that they start from."""
        return self._renderer.render(job)

    def launch(self, job: Job, submission: Json) -> None:
        """Start a job, or put it in line for what it needs."""
        if job.name in self._known:
            return
        self._known.add(job.name)
        running = self._jobs[job.name] = _Running(job.name, submission, job.time_limit)
        if impossible := self._slots.impossible(running.needs):
            self._end(running, unstartable(f"this machine has less than {impossible}"))
        elif not describe_needs(running.needs):
            self._start(running, Grant())
        else:
            self._line.append(running)
            self._advance()
            if running in self._line:
                lacking = self._slots.lacking(running.needs) or describe_needs(running.needs)
                self._seen.append(Waiting(job.name, lacking))

    def poll(self, seconds: float) -> Sequence[Sighting]:
        """Wait for something to be seen; then return all that is to be seen at once."""
        until = time.monotonic() + seconds
        while True:
            self._turn(0.0 if self._seen else self._patience(until))
            if self._seen or time.monotonic() >= until:
                seen, self._seen = self._seen, []
                return seen

    def cancel(self, job: str) -> None:
        """Ask a job to end; it is killed if it has not after a grace of two seconds."""
        running = self._jobs.get(job)
        if running is None:
            return
        if running in self._line:
            self._line.remove(running)
            self._end(running, CANCELLED)
        else:
            self._stop(running, CANCELLED)

    def reattach(self, job: Job, handle: Json, cursor: Json) -> bool:  # noqa: ARG002 - the contract's
        """Return False: a job dies with its driver."""
        return False

    def close(self) -> None:
        """End every job and every server; may be called again."""
        for server in self._servers.values():
            server.close()
        for reports in (pipe for job in self._jobs.values() for pipe in job.reports):
            reports.close()
        self._servers.clear()
        self._jobs.clear()
        self._line.clear()
        self._selector.close()

    def _turn(self, seconds: float) -> None:
        """Do everything that is due, after waiting a while for something to be."""
        for key, mask in self._selector.select(seconds):
            key.data(mask)
        now = time.monotonic()
        for job in self._jobs.values():
            if job.deadline is not None and job.deadline <= now:
                job.deadline = None
                self._stop(job, overran(job.time_limit or 0.0))

    def _patience(self, until: float) -> float:
        deadlines = (job.deadline for job in self._jobs.values() if job.deadline is not None)
        return max(0.0, min([until, *deadlines]) - time.monotonic())

    def _advance(self) -> None:
        """Start those in line, in order, as long as there is room for the first."""
        while self._line and (grant := self._slots.take(self._line[0].needs)) is not None:
            self._start(self._line.popleft(), grant)

    def _start(self, job: _Running, grant: Grant) -> None:
        job.grant = grant
        job.out_of_memory = kills(self._kills)
        try:
            job.server = self._server(job.submission["interpreter"])
            job.ports = reserve_ports(job.submission)
            for _ in (process for process in job.processes if process["reports"]):
                job.reports.append(Reports())
            if job.server.refusal is None:
                request = complete(job.submission, job.name, grant, job.ports)
                job.server.start(job.name, request, job.reports)
                return
            reason: object = job.server.refusal
        except OSError as error:
            reason = error
        self._end(job, unstartable(reason))

    def _server(self, interpreter: Json) -> Server:
        key = json.dumps(interpreter, sort_keys=True)
        server = self._servers.get(key)
        if server is None or (server.dead and not server.refusal):
            log = self._workspace.folder / "fork-server.log"
            server = Server(interpreter, log, self._selector, self._hear)
            self._servers[key] = server
            if interpreter["prestart"]:
                server.prepare(self._workspace.concurrency)
        return server

    def _read(self, job: _Running, reports: Reports, _mask: int) -> None:
        if reports.closed:
            # The job's end was heard of in the same turn, and all this had to say with it.
            return
        self._output(job, reports.read())
        if reports.ended:
            self._close_reports(reports)

    def _close_reports(self, reports: Reports) -> None:
        """Forget a pipe before closing it: closed, it could not be told from its successor."""
        with suppress(KeyError):
            self._selector.unregister(reports)
        reports.close()

    def _output(self, job: _Running, lines: Iterable[str]) -> None:
        self._seen += [Output(job.name, line) for line in lines]

    def _stop(self, job: _Running, reason: Failure) -> None:
        job.reason = job.reason or reason
        if job.server:
            job.server.stop(job.name)

    def _hear(self, name: str, answer: dict[str, Any]) -> None:
        """Take in what a server says of a job."""
        job = self._jobs[name]
        match answer:
            case {"started": children}:
                self._launched(job, children)
            case {"ended": _, "culprit": culprit, "stopped": stopped}:
                self._end(job, self._verdict(job, culprit, stopped=stopped))
            case {"refused": reason}:
                self._end(job, unstartable(reason))
            case {"lost": reason}:
                self._end(job, lost(reason))

    def _launched(self, job: _Running, children: list[int]) -> None:
        """Listen to a job only now: a fast one's first line may come before this news."""
        if not children:
            return
        self._seen.append(Launched(job.name, {"pids": children}))
        for reports in job.reports:
            self._selector.register(reports, EVENT_READ, partial(self._read, job, reports))
        if job.time_limit is not None:
            job.deadline = time.monotonic() + job.time_limit

    def _verdict(self, job: _Running, culprit: Json, *, stopped: bool) -> Failure | None:
        if stopped:
            return job.reason
        if culprit is not None:
            return explain(
                culprit,
                named=len(job.needs) > 1,
                folder=job.folder,
                out_of_memory=kills(self._kills) > job.out_of_memory,
            )
        return _keep_checkpoint(job.folder)

    def _end(self, job: _Running, failure: Failure | None) -> None:
        """See a job off: what it still had to say, that it ended, and who is next."""
        for reports in job.reports:
            if not reports.closed:
                self._output(job, reports.drain())
                self._close_reports(reports)
        if job.ports is not None:
            job.ports.close()
        del self._jobs[job.name]
        self._seen.append(Ended(job.name, failure))
        if job.grant is not None:
            self._slots.give_back(job.grant)
        self._advance()


def _keep_checkpoint(folder: Path) -> Failure | None:
    """Mark what an attempt that ended well left behind as complete."""
    try:
        (folder / UNFINISHED).rename(folder / CHECKPOINT)
    except FileNotFoundError:
        return None
    except OSError as error:
        return lost(f"its checkpoint cannot be kept: {error.strerror}")
    return None

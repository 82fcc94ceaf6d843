"""The platform ``remote``: runs jobs on machines that can be reached over SSH.

The `Scheduler` makes all decisions, in the driver's thread. The threads of the links and of the
transfers make none: they put a notice of what happened into one queue.
"""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import count
from queue import Empty, SimpleQueue
from typing import Protocol

from sweepwright.contracts import Job, JobEvent, Refused
from sweepwright.events import Json

from .machine_link import Attached, Detached, Received
from .scheduling.active_job import ActiveJob, Part, parts_from_handle
from .scheduling.checkpoints import Copied, Copy
from .scheduling.fleet import Fleet
from .scheduling.scheduler import Scheduler
from .transfers import Fetch, Notice

END_SECONDS = 10.0
"""Seconds for which the platform waits until daemons have ended."""
SETTLE_SECONDS = 30.0
"""Seconds for which a resume waits until machines have listed the jobs of earlier drivers."""
JOIN_SECONDS = 2.0
"""Seconds for which `close` waits for threads that still connect."""
_BATCH = 500
"""Number of notices that are handled before `poll` returns their events."""


class Code(Protocol):
    """The code of the trials, which a link sends to its machine (`code_supply.CodeSupply`)."""

    folder: str | None
    """Folder of the code, relative to the working directory; None if it is not needed."""

    def close(self) -> None:
        """Remove the packed code."""
        ...


class Transfers(Protocol):
    """The methods of `transfers.Transfers` that the platform uses."""

    def copy(self, copy: Copy) -> None:
        """Copy a checkpoint; a `Copied` notice follows."""
        ...

    def fetch(self, fetch: Fetch) -> None:
        """Copy files of an attempt to the sweep's folder."""
        ...

    def close(self) -> None:
        """Finish all fetches that can be finished, then stop."""
        ...


class Remote:
    """Runs jobs on machines. Its jobs outlive it: a later driver of the sweep takes them over.

    No connection is made before the first job is launched or taken over, because only a job says
    in which folder the code is.
    """

    def __init__(
        self,
        render: Callable[[Job], Json],
        fleet: Fleet,
        code: Code,
        transfers: Transfers,
        notices: SimpleQueue[Notice],
        token: str,
        *,
        resumed: bool = False,
        fetch: str = "none",
    ) -> None:
        self._render = render
        self._fleet = fleet
        self._code = code
        self._transfers = transfers
        self._notices = notices
        self._fetch = fetch
        self._scheduler = Scheduler(fleet, transfers.copy, self._on_end, token, resumed=resumed)
        self._numbers = count()
        self._names: set[str] = set()
        """Jobs that were launched or taken over; a refused one may be launched again."""
        self._connected = False
        self._settle_by = float("-inf")
        self._closed = False

    def render(self, job: Job) -> Json:
        """Describe a job's processes, with paths that a machine makes absolute."""
        return self._render(job)

    def launch(self, job: Job, submission: Json) -> None:
        """Send a job to machines that have room for it, or queue it until some have."""
        if job.name in self._names:
            return
        self._names.add(job.name)
        self._connect(job.folder)
        self._scheduler.launch(self._active(job, submission))

    def poll(self, seconds: float) -> Sequence[JobEvent]:
        """Wait at most `seconds` for an event, and return all events that have happened."""
        until = time.monotonic() + seconds
        while True:
            self._scheduler.step()
            if not self._scheduler.events:
                self._receive(min(until, self._scheduler.next_change))
            else:
                self._receive(0.0)
            if self._scheduler.events or time.monotonic() >= until:
                events = self._scheduler.take_events()
                self._names -= {event.job for event in events if isinstance(event, Refused)}
                return events

    def cancel(self, job: str) -> None:
        """End a job and its processes on all its machines."""
        self._scheduler.cancel(job)

    def reattach(self, job: Job, handle: Json, cursor: Json) -> bool:
        """Take over a job from an earlier driver, unless its machine has lost it.

        If the machine cannot be reached, the job is taken over nevertheless: the machine may still
        run it, and the job is lost only after the seconds of the option `lost_after`.
        """
        submission = self._render(job)
        parts = parts_from_handle(job.name, submission, handle, cursor)
        if not parts:
            return False
        self._connect(job.folder)
        self._settle(part.machine for part in parts)
        if not all(self._may_run(part) for part in parts):
            self._scheduler.cancel(job.name)
            return False
        self._names.add(job.name)
        self._scheduler.take_over(self._active(job, submission), parts)
        return True

    def close(self) -> None:
        """Leave the jobs to their machines; if there are none, end what runs on the machines."""
        if self._closed:
            return
        self._closed = True
        if self._scheduler.has_unwanted:
            self._connect(None)
            self._settle(machine.name for machine in self._fleet)
        self._transfers.close()
        if not self._scheduler.jobs:
            self._end_daemons()
        for machine in self._fleet:
            machine.link.close()
        until = time.monotonic() + JOIN_SECONDS
        for machine in self._fleet:
            machine.link.join(max(0.0, until - time.monotonic()))
        self._code.close()

    def _active(self, job: Job, submission: Json) -> ActiveJob:
        return ActiveJob(
            job.name,
            next(self._numbers),
            job.trial,
            job.attempt,
            submission,
            job.inherits,
            self._scheduler.homes(job.inherits),
        )

    def _connect(self, folder: str | None) -> None:
        if not self._connected:
            self._connected = True
            self._settle_by = time.monotonic() + SETTLE_SECONDS
            self._code.folder = folder
            for machine in self._fleet:
                machine.link.start()

    def _settle(self, machines: Iterable[str]) -> None:
        """Wait a while until each machine is attached, or an attempt to attach it has failed."""
        states = [self._fleet[name].state for name in machines if name in self._fleet]
        while time.monotonic() < self._settle_by and not all(each.settled for each in states):
            self._receive(self._settle_by)

    def _may_run(self, part: Part) -> bool:
        """Tell whether a machine knows a part, or may know it because it is out of reach."""
        if part.machine not in self._fleet:
            return False  # the resume has left it out
        machine = self._fleet[part.machine]
        known = machine.log == part.log and part.name in machine.known
        return known or not machine.state.attached

    def _on_end(self, job: ActiveJob) -> None:
        """Fetch the files of an attempt from its machines, if the option `fetch` says so."""
        if self._fetch != "none":
            for machine in dict.fromkeys(part.machine for part in job.parts):
                everything = self._fetch == "all"
                self._transfers.fetch(Fetch(machine, job.trial, job.attempt, everything))

    def _receive(self, until: float) -> None:
        """Wait until a time for a notice, and handle all notices that have arrived."""
        wait = min(until - time.monotonic(), threading.TIMEOUT_MAX)
        with suppress(Empty):
            self._handle(
                self._notices.get(timeout=wait) if wait > 0 else self._notices.get_nowait()
            )
            for _ in range(_BATCH):
                self._handle(self._notices.get_nowait())

    def _handle(self, notice: Notice) -> None:
        match notice:
            case Attached(name, hello):
                self._scheduler.on_attached(self._fleet[name], hello)
            case Received(name, messages):
                machine = self._fleet[name]
                for message in messages:
                    self._scheduler.on_message(machine, message)
                machine.link.on_handled()
            case Detached(name, reason, unfit):
                self._scheduler.on_detached(self._fleet[name], reason, unfit=unfit)
            case Copied():
                self._scheduler.on_copied(notice)

    def _end_daemons(self) -> None:
        """Let the daemons of all attached machines end, and wait until they have."""
        until = time.monotonic() + END_SECONDS
        ending = [machine for machine in self._fleet if machine.state.attached]
        for machine in ending:
            machine.link.send({"end": True})
        while ending and time.monotonic() < until:
            self._receive(until)
            for machine in ending:
                if not machine.state.attached:
                    machine.link.close()  # or it would connect again
            ending = [machine for machine in ending if machine.state.attached]

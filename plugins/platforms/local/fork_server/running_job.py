"""The processes of a running job, and the rule that decides when it ends."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from .channel import Message
from .exit_reasons import ExitReasonReader
from .process_tree import signal_group


class JobProcess(NamedTuple):
    """One process of a job."""

    role: str
    rank: int
    decides: bool
    """Whether the job succeeds only if this process does."""


class RunningJob:
    """A job from its start until its last process is gone.

    The job fails with the first process that fails, and succeeds once all processes that decide
    have succeeded. Processes that still run then receive SIGTERM, and SIGKILL after the grace.

    Invariants: `_processes` are the living ones by process id; `_deadline` is set exactly if the
    job is ending; only the failure that began the end is `first_failure`.
    """

    def __init__(self, name: str, grace: float, now: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self.first_failure: Message | None = None
        self.stopped = False
        self._grace = grace
        self._now = now
        self._processes: dict[int, JobProcess] = {}
        self._deadline: float | None = None
        self._killed = False

    @property
    def children(self) -> list[int]:
        """Process ids of the living processes."""
        return list(self._processes)

    @property
    def finished(self) -> bool:
        """Whether no process is left."""
        return not self._processes

    @property
    def seconds_until_kill(self) -> float | None:
        """Seconds until processes that were asked to end are killed; None if there are none."""
        if self._deadline is None or self._killed:
            return None
        return max(0.0, self._deadline - self._now())

    def add(self, child: int, process: JobProcess) -> None:
        """Add a process."""
        self._processes[child] = process

    def on_exit(self, child: int, code: int, exit_reasons: ExitReasonReader) -> None:
        """Record the exit of a process and act on it; exits of orphans have no effect."""
        process = self._processes.pop(child, None)
        if process is None:
            return
        said = exit_reasons.take(child)
        # Processes in the group of a dead leader would otherwise keep running unnoticed.
        with suppress(OSError):
            os.killpg(child, signal.SIGKILL)
        if self._deadline is None and (code or said):
            self.fail({"role": process.role, "rank": process.rank, "code": code, "reason": said})
        elif not any(left.decides for left in self._processes.values()):
            self._end()

    def fail(self, first_failure: Message) -> None:
        """End the job as failed."""
        self.first_failure = first_failure
        self._end()

    def stop(self) -> None:
        """End the job on request, unless it is already ending."""
        if self._deadline is None:
            self.stopped = True
            self._end()

    def kill(self) -> None:
        """Kill every process now."""
        self._killed = True
        for child in self._processes:
            signal_group(child, signal.SIGKILL)

    def _end(self) -> None:
        if self._deadline is None:
            self._deadline = self._now() + self._grace
            for child in self._processes:
                signal_group(child, signal.SIGTERM)

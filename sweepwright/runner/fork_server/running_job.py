"""The processes of a running job, and the rule that decides when the job ends."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from .channel import Message
from .exit_reasons import ExitReason
from .process_tree import LINUX, signal_group

LINGER_SECONDS = 1.0
"""Seconds that descendants of a job may run on, once the processes of the job have ended."""


class JobProcess(NamedTuple):
    """A process of a job."""

    role: str
    rank: int
    decides: bool
    """Whether this process must succeed before the job succeeds."""
    exit_reason: ExitReason
    """Memory in which this process tells why it fails."""


class RunningJob:
    """A job from its start until its last process is gone.

    The job fails with the first process that fails, and succeeds once every process with `decides`
    has succeeded. Processes that still run then receive SIGTERM, and SIGKILL after the grace
    period. A `part` of a job has none of the processes that decide: it goes on until it is
    finished from outside, or all of its own processes have ended.

    By hand, what a script has started goes on after the script: a `tee` writes what is left in its
    pipe, and a tracker of shared memory removes what the script has left. So once the last process
    has ended, the job lingers: its descendants have a moment to end by themselves.

    Invariants: `_processes` maps the process ids of the living processes to the processes;
    `_deadline` is set exactly if the job is ending, and `_linger_until` exactly while it lingers;
    `first_failure` is the failure that made the job end, and later failures do not change it.
    """

    def __init__(
        self,
        name: str,
        grace: float,
        folder: str,
        now: Callable[[], float] = time.monotonic,
        *,
        part: bool = False,
    ) -> None:
        self.name = name
        self.folder = folder
        self.first_failure: Message | None = None
        self.stopped = False
        self._grace = grace
        self._now = now
        self._part = part
        self._processes: dict[int, JobProcess] = {}
        self._deadline: float | None = None
        self._killed = False
        self._linger_until: float | None = None

    @property
    def children(self) -> list[int]:
        """Process ids of the living processes."""
        return list(self._processes)

    @property
    def finished(self) -> bool:
        """Whether no process is left."""
        return not self._processes

    @property
    def succeeded(self) -> bool:
        """Whether no process has failed, and nobody has asked the job to end."""
        return self.first_failure is None and not self.stopped

    @property
    def seconds_until_kill(self) -> float | None:
        """Seconds until an ending job is killed; None if the job is not ending."""
        if self._deadline is None or self._killed:
            return None
        return max(0.0, self._deadline - self._now())

    @property
    def seconds_to_linger(self) -> float:
        """Seconds that the descendants of a finished job may still run."""
        return 0.0 if self._linger_until is None else max(0.0, self._linger_until - self._now())

    def end_linger(self) -> None:
        """Give the descendants of a finished job no more time."""
        self._linger_until = None

    def add(self, child: int, process: JobProcess) -> None:
        """Add a process."""
        self._processes[child] = process

    def on_exit(self, child: int, code: int) -> None:
        """Record the exit of a process, and end the job if the exit decides it; ignore orphans."""
        process = self._processes.pop(child, None)
        if process is None:
            return
        said = process.exit_reason.take()
        if not LINUX:
            # Only the group of the dead leader tells which descendants it has left.
            with suppress(OSError):
                os.killpg(child, signal.SIGKILL)
        if self._deadline is None and (code or said):
            self.fail({"role": process.role, "rank": process.rank, "code": code, "reason": said})
        elif self._is_decided():
            self._end()
        if self.finished and not self._killed:
            self._linger_until = self._now() + LINGER_SECONDS

    def fail(self, first_failure: Message) -> None:
        """End the job as failed."""
        self.first_failure = first_failure
        self._end()

    def stop(self) -> None:
        """End the job on request, unless it is already ending; it may still keep a checkpoint."""
        if self._linger_until is not None:
            self.end_linger()  # its outcome is known
        elif self._deadline is None or (self.finished and self.succeeded):
            self.stopped = True
            self._end()

    def finish(self) -> None:
        """End the job as a success, unless it is already ending."""
        self._end()

    def kill(self) -> None:
        """Kill every process now."""
        self._killed = True
        for child in self._processes:
            signal_group(child, signal.SIGKILL)

    def _is_decided(self) -> bool:
        if self._part:
            return self.finished
        return not any(left.decides for left in self._processes.values())

    def _end(self) -> None:
        if self._deadline is None:
            self._deadline = self._now() + self._grace
            for child in self._processes:
                signal_group(child, signal.SIGTERM)

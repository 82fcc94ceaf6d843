"""The state of a machine: whether it can be used, and when to try it again.

The technique for machines that fail jobs is the circuit breaker: after `MAX_FAILURES` failures in
a row a machine is set aside. After a pause it is on probation: its next failure sets it aside
again, for twice as long, and its next success makes it an ordinary machine again.
"""

import time
from collections.abc import Callable
from enum import Enum

MAX_FAILURES = 3
"""Number of failures in a row after which a machine is set aside."""
FIRST_PAUSE_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 1800.0
TOGETHER_SECONDS = 1.0
"""Jobs that a machine loses within this many seconds count as one failure, as of its runner."""


class Status(Enum):
    """Whether jobs can be placed on a machine; the value is the predicate of a sentence."""

    CONNECTING = "is still connecting or getting the code"
    READY = "is ready"
    UNREACHABLE = "cannot be reached"
    UNFIT = "cannot run trials"
    SET_ASIDE = "is set aside because it failed repeatedly"


class MachineState:
    """Derives the status of one machine from what happens to it.

    Only a job that the machine refused or lost counts as a failure of the machine. A job that
    fails by itself says nothing about its machine.
    """

    def __init__(self, lost_after: float, now: Callable[[], float] = time.monotonic) -> None:
        self.reason = ""
        """Why the machine is not ready; empty if it is."""
        self.settled = False
        """Whether the machine was attached, or failed to be attached, at least once."""
        self.attached = False
        self.given_up = False
        """Whether the machine has been out of reach for so long that its jobs are lost."""
        self._lost_after = lost_after
        self._now = now
        self._detached_at = now()
        self._unfit = False
        self._broken = False
        """Whether the machine has sent invalid messages since it last ran a job."""
        self._failures = 0
        self._pause = 0.0
        self._aside_until = 0.0
        self._lost_at = float("-inf")

    @property
    def status(self) -> Status:
        """The status now."""
        if not self.attached:
            if not self.settled:
                return Status.CONNECTING
            return Status.UNFIT if self._unfit else Status.UNREACHABLE
        return Status.SET_ASIDE if self._now() < self._aside_until else Status.READY

    @property
    def gives_up_at(self) -> float:
        """Time at which the machine is given up; infinity if it is attached or is given up."""
        safe = self.attached or self.given_up
        return float("inf") if safe else self._detached_at + self._lost_after

    @property
    def changes_at(self) -> float:
        """Next time at which the status changes by itself; infinity if it does not."""
        return self._aside_until if self._now() < self._aside_until else float("inf")

    def on_attached(self) -> None:
        """Note that the machine takes commands."""
        self.attached = self.settled = True
        self._unfit = self.given_up = False
        if not self._aside_until:
            self.reason = ""

    def on_detached(self, reason: str, *, unfit: bool = False) -> None:
        """Note that the connection was lost, or that an attempt to connect failed.

        A machine that becomes unfit while it is attached has sent an invalid message. It may be
        attached again repeatedly, but its jobs are lost if it runs none of them meanwhile.
        """
        broken = unfit and self.attached
        if self.attached and not self._broken:
            self._detached_at = self._now()
        self.attached, self.settled = False, True
        if broken:
            self._broken = True
            self.on_failure(reason)
        self.reason, self._unfit = reason, unfit

    def on_success(self) -> None:
        """Note that the machine has run a job."""
        self._broken = False
        self._failures = 0
        self._pause = self._aside_until = 0.0

    def on_loss(self, reason: str) -> None:
        """Note that the machine lost a job; jobs that it loses together are one failure."""
        now = self._now()
        if now - self._lost_at >= TOGETHER_SECONDS:
            self.on_failure(reason)
        self._lost_at = now

    def on_failure(self, reason: str) -> bool:
        """Note that the machine refused or lost a job; return whether it is set aside now."""
        self._failures += 1
        on_probation = bool(self._pause)
        if self.status is Status.SET_ASIDE or (self._failures < MAX_FAILURES and not on_probation):
            return False
        self._pause = min(2 * self._pause or FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
        self._aside_until = self._now() + self._pause
        self._failures = 0
        self.reason = reason
        return True

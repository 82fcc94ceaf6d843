"""The processes of a job: who of them lives, and whose end is the end of all."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from .channel import Message
from .descendants import signal_group
from .exit_reasons import Words


class Member(NamedTuple):
    """One process of a job."""

    role: str
    rank: int
    decides: bool
    """Whether the job needs it to end well."""


class RunningJob:
    """A job from its start until its last process is gone.

    The job ends badly with the first process that does, well when all that decide have ended
    well; whatever still runs then is stopped: asked to end, and killed after the grace.
    """

    def __init__(self, name: str, grace: float, now: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self.culprit: Message | None = None
        self.stopped = False
        self._grace = grace
        self._now = now
        self._members: dict[int, Member] = {}
        self._deadline: float | None = None
        self._killed = False

    @property
    def children(self) -> list[int]:
        """Process ids of those that live."""
        return list(self._members)

    @property
    def over(self) -> bool:
        """Whether no process is left."""
        return not self._members

    @property
    def patience(self) -> float | None:
        """Seconds until those who were asked to end are to be killed, if anybody is."""
        if self._deadline is None or self._killed:
            return None
        return max(0.0, self._deadline - self._now())

    def add(self, child: int, member: Member) -> None:
        """Count a process in."""
        self._members[child] = member

    def died(self, child: int, code: int, words: Words) -> None:
        """Take note of a death, and of its consequences; orphans' deaths have none."""
        member = self._members.pop(child, None)
        if member is None:
            return
        said = words.of(child)
        # Whoever follows a dead leader in its group would otherwise be nobody's.
        with suppress(OSError):
            os.killpg(child, signal.SIGKILL)
        if self._deadline is None and (code or said):
            self.fail({"role": member.role, "rank": member.rank, "code": code, "said": said})
        elif not any(left.decides for left in self._members.values()):
            self._end()

    def fail(self, culprit: Message) -> None:
        """End the job badly."""
        self.culprit = culprit
        self._end()

    def stop(self) -> None:
        """End the job because that was asked for, unless it is ending already."""
        if self._deadline is None:
            self.stopped = True
            self._end()

    def kill(self) -> None:
        """End every process now."""
        self._killed = True
        for child in self._members:
            signal_group(child, signal.SIGKILL)

    def _end(self) -> None:
        if self._deadline is None:
            self._deadline = self._now() + self._grace
            for child in self._members:
                signal_group(child, signal.SIGTERM)

"""The sessions of a sweep: a session is the work of one driver. Sessions never overlap.

The first entry of a session contains its limits and its platform, which are the only parts of a
plan that a resume may change. The last entry of a session contains its outcome. If the driver was
killed, that entry is missing.
"""

import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ..plan.plan import Limits, Plan, Selection
from .entries import BeliefStated, Entry, SessionEnded, SessionStarted
from .machine import machine_identity, process_start


@dataclass(slots=True)
class Sessions:
    """Computes the current plan, the time spent and the last outcome from a journal's entries."""

    plan: Plan
    """The plan, with the limits and the platform of the last session."""
    most_concurrent: int = 0
    """The largest concurrency of any session."""
    seconds: float = 0.0
    """Total duration of the sessions, each measured from its first to its last entry by a clock
    that never steps. The time during which the computer is suspended does not count."""
    end: SessionEnded | None = None
    """The end of the last session; None if that session is running or its driver was killed."""
    started: list[SessionStarted] = field(default_factory=list)
    """The first entry of each session."""
    _last: Entry | None = None

    def add(self, entry: Entry) -> None:
        """Add the next entry."""
        if isinstance(entry, BeliefStated):
            return  # the session was over before the tuner was asked
        match entry:
            case SessionStarted(limits, platform):
                self.plan = replace(self.plan, limits=limits, platform=platform)
                self.most_concurrent = max(self.most_concurrent, limits.concurrency)
                self.end = None
                self.started.append(entry)
                # Exclude the time between the previous session and this session.
                self._last = entry
            case SessionEnded():
                self.end = entry
        if self._last is not None:
            self.seconds += _seconds_between(self._last, entry)
        self._last = entry


def _seconds_between(earlier: Entry, later: Entry) -> float:
    if earlier.clock is None or later.clock is None:  # version 1 of the journal has the time alone
        return later.time - earlier.time
    return later.clock - earlier.clock


def begin_session(
    limits: Limits, platform: Selection, version: str, identity: str, *, believes: bool = False
) -> SessionStarted:
    """Return the first entry of a session whose driver is this process."""
    process = os.getpid()
    return SessionStarted(
        limits,
        platform,
        process,
        socket.gethostname(),
        version,
        identity=identity,
        machine=machine_identity(),
        process_start=process_start(process),
        believes=believes,
    )


def fold_sessions(plan: Plan, entries: Iterable[Entry]) -> Sessions:
    """Compute sessions from the entries of a journal.

    To get the plan and the largest concurrency, it is enough to pass the first entry of each
    session.
    """
    sessions = Sessions(plan)
    for entry in entries:
        sessions.add(entry)
    return sessions

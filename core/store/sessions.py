"""The sessions of a sweep: the drivers that worked on it, one after the other.

A session begins with an entry that holds the limits and the platform in force, which are the only
parts of a plan that a resume may change. It ends with an entry for its outcome or, when the driver
is killed, with whatever entry was the last.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..plan.plan import Plan
from .entries import Entry, SessionEnded, SessionStarted


@dataclass(slots=True)
class Sessions:
    """Folds the entries of a journal into the plan in force, the time spent, and the last end."""

    plan: Plan
    """The plan, under the limits and on the platform of the last session."""
    most_concurrent: int = 0
    """The largest concurrency that any session had."""
    seconds: float = 0.0
    """Time that drivers have spent, from the first to the last entry of each session."""
    end: SessionEnded | None = None
    """The end of the last session, None while it runs and where its driver was killed."""
    _last_time: float | None = None

    def add(self, entry: Entry) -> None:
        """Fold in the next entry."""
        match entry:
            case SessionStarted(limits, platform):
                self.plan = replace(self.plan, limits=limits, platform=platform)
                self.most_concurrent = max(self.most_concurrent, limits.concurrency)
                self.end = None
                # No driver worked between the last session and this one.
                self._last_time = entry.time
            case SessionEnded():
                self.end = entry
        if self._last_time is not None:
            self.seconds += entry.time - self._last_time
        self._last_time = entry.time


def fold_sessions(plan: Plan, entries: Iterable[Entry]) -> Sessions:
    """Fold entries; those that begin sessions suffice for the plan and the concurrency."""
    sessions = Sessions(plan)
    for entry in entries:
        sessions.add(entry)
    return sessions

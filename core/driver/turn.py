"""The turn: what the driver has recorded since the last commit, and how it commits.

The technique is write-ahead logging. Everything that a turn records stays in the memory of this
process until it is committed to the journal. Effects outside of that memory, such as launching
or cancelling a job or showing something, happen after the commit. A crash before the commit
therefore loses only what nobody has seen, and a crash after it loses nothing.
"""

import time
from collections.abc import Sequence
from typing import Protocol

from sweepwright.events import Reported, StudyEvent

from ..store.entries import EventEntry
from ..store.journal import Journal, JournalFullError
from .signals import SignalCounter
from .study import Study

FULL_DISK_SECONDS = 2.0
"""Pause between two attempts to commit to a full disk."""
COMMIT_SECONDS = 0.1
"""How long a turn of reports alone may stay uncommitted.

A commit waits for the disk, and reports may come by the thousand. A tenth of a second bounds the
number of commits as well as the delay with which a person sees a report.
"""


class Display(Protocol):
    """Shows a sweep to a person."""

    def update(self, study: Study, events: Sequence[StudyEvent]) -> None:
        """Show the events of a turn; called at each commit, up to a thousand times a second."""
        ...

    def notify(self, line: str) -> None:
        """Show a message."""
        ...


class Turn:
    """The uncommitted events of a sweep, and the jobs to cancel once they are committed."""

    def __init__(self, journal: Journal, display: Display) -> None:
        self.journal = journal
        self.events: list[StudyEvent] = []
        """Uncommitted events, in order."""
        self.cancelled: list[str] = []
        """Jobs to cancel after the commit."""
        self._display = display
        self._commit_by = 0.0

    def add(self, entry: EventEntry) -> None:
        """Record an event."""
        self.journal.append(entry)
        self.events.append(entry.event)

    def can_wait(self) -> bool:
        """Tell whether the commit may be left to a later turn.

        It may while all events are reports and nothing is to be cancelled. If these reports were
        lost with this process, so would be the cursors stored with them, and the platform would
        read the same lines again.
        """
        # Other events take effect outside of this process: openings are launched, results shown.
        reports_only = all(isinstance(event, Reported) for event in self.events)
        return reports_only and not self.cancelled and time.monotonic() < self._commit_by

    def commit(self, signals: SignalCounter) -> bool:
        """Commit to the journal. While the disk is full, wait for room.

        Returns
        -------
        bool
            False when a signal ended the wait; nothing is committed then.
        """
        if self.try_commit():
            return True
        # Nothing is lost: the journal keeps the rows. But no turn may go on without its commit.
        self._display.notify(
            f"no space left to write {self.journal.path}; waiting until some is freed"
        )
        while signals.count == 0:
            time.sleep(FULL_DISK_SECONDS)
            if self.try_commit():
                self._display.notify("there is space again")
                return True
        return False

    def try_commit(self) -> bool:
        """Commit to the journal; return False when the disk is full."""
        try:
            self.journal.commit()
        except JournalFullError:
            return False
        return True

    def begin_next(self) -> None:
        """Begin the next turn, once the effects of this one have happened."""
        self.events, self.cancelled = [], []
        self._commit_by = time.monotonic() + COMMIT_SECONDS

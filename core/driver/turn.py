"""The turn: the entries recorded since the last commit, and their commit.

The technique is write-ahead logging. The entries of a turn stay in the memory of this process
until they are committed to the journal. Effects outside the process, such as launching a job,
cancelling a job or displaying a result, happen after the commit. A crash before the commit
therefore loses only entries that had no effect yet, and a crash after the commit loses nothing.
"""

import time
from collections.abc import Sequence
from typing import Protocol

from sweepwright.events import Reported, StudyEvent

from ..store.entries import EventEntry
from ..store.journal import Journal
from ..store.store_errors import TransientStoreError
from .signals import SignalCounter
from .study import Study

REFUSED_SECONDS = 2.0
"""Time between two attempts to commit while the system refuses to write, as on a full disk."""
COMMIT_SECONDS = 0.1
"""Longest time that a turn which contains only reports may stay uncommitted.

A commit waits for the disk, and thousands of reports may arrive per second. A tenth of a second
limits both the number of commits and the delay until a user sees a report.
"""


class Display(Protocol):
    """Displays a sweep to a user."""

    def update(self, study: Study, events: Sequence[StudyEvent]) -> None:
        """Display the events of a turn. Called at each commit, up to a thousand times a second."""
        ...

    def notify(self, line: str) -> None:
        """Display a message."""
        ...


class Turn:
    """The uncommitted events of a sweep, and the jobs to cancel after the commit."""

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

        The commit may wait while all events are reports and no job is to be cancelled. If this
        process dies before the commit, the reports and their log cursors are lost together, and
        the platform reads the same lines again.
        """
        # Other events take effect outside this process: opened trials are launched, and results
        # are displayed.
        reports_only = all(isinstance(event, Reported) for event in self.events)
        return reports_only and not self.cancelled and time.monotonic() < self._commit_by

    def commit(self, signals: SignalCounter) -> bool:
        """Commit to the journal. While the system refuses it, as on a full disk, wait.

        Returns
        -------
        bool
            False if a signal ended the wait before the entries could be committed.

        Raises
        ------
        StoreError
            When waiting cannot help.
        """
        refusal = self.try_commit()
        if refusal is None:
            return True
        # The journal keeps the rows, so nothing is lost. But a turn's effects must not happen
        # before its commit.
        self._display.notify(f"{refusal}; waiting until it can be written")
        while signals.count == 0:
            time.sleep(REFUSED_SECONDS)
            if self.try_commit() is None:
                self._display.notify(f"{self.journal.path} can be written again")
                return True
        return False

    def try_commit(self) -> TransientStoreError | None:
        """Commit to the journal; return the error if the reason can pass."""
        try:
            self.journal.commit()
        except TransientStoreError as error:
            return error
        return None

    def begin_next(self) -> None:
        """Begin the next turn, after the effects of this turn have happened."""
        self.events, self.cancelled = [], []
        self._commit_by = time.monotonic() + COMMIT_SECONDS

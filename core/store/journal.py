"""The journal: the append-only log of a sweep. All other data about the sweep is derived from it.

The technique is write-ahead logging with group commit, in one SQLite file per sweep
(docs/decisions/0004). The driver collects entries in memory. It commits all entries of a turn
together, before any entry has an effect outside the driver's process. Rows are inserted and
selected, but never updated or deleted.

A single transaction per turn is fast, and it is also necessary. A report is stored together with
its log cursor, so that the platform does not deliver the report again. If the report and the
assessor's decision to stop the trial were committed separately, a crash between the two commits
would lose the decision. The report would not be read again, and the trial would continue.
"""

import os
import socket
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from sweepwright.protocol import dumps

from ..plan.plan import Plan
from ..plan.plan_json import plan_body
from .entries import Entry, SessionStarted, write_entry
from .journal_reader import JournalReader
from .lock import LockHeldError, take_lock
from .store_errors import StoreError, converting_errors
from .sweep_files import JOURNAL, connect, create_private, flush_folder
from .tables import INSERT_SWEEP, SCHEMA, insert_statement, stored_values, sweep_checksum


class Journal:
    """The only writer of a journal. It holds the lock of the sweep's driver."""

    def __init__(self, folder: Path) -> None:
        """Open an existing journal, to append to it.

        Raises
        ------
        StoreError
            When another driver holds the journal, or a newer version wrote it.
        """
        self.folder = folder
        self.path = folder / JOURNAL
        try:
            with converting_errors(folder, "drive the sweep in"):
                self._lock = take_lock(folder)
        except LockHeldError as error:
            holder = _last_driver(folder)
            raise StoreError(f"sweep {folder.name} is being driven by {holder}") from error
        try:
            with converting_errors(self.path):
                self._place = self._find_place()
            self._connection, self._version = connect(folder, mode="rw")
            self._last = self._prepare()
        except StoreError:
            os.close(self._lock)
            raise
        self._statement = insert_statement(self._version)
        self._rows: list[Sequence[Any]] = []

    def _prepare(self) -> int:
        """Set up the connection, and return the sequence number of the last entry."""
        with converting_errors(self.path):
            # NORMAL is the usual setting in WAL mode. But with NORMAL, a power cut could undo a
            # commit after the jobs of that commit were launched. FULL flushes the log to the disk
            # at each commit.
            self._connection.execute("PRAGMA synchronous = FULL")
            (last,) = self._connection.execute("SELECT max(sequence) FROM events").fetchone()
        return last or 0

    @classmethod
    def create(cls, folder: Path, plan: Plan) -> None:
        """Write the journal of a new sweep. It contains only the plan.

        Raises
        ------
        StoreError
            When the journal cannot be written, for example because the disk is full.
        """
        path = folder / JOURNAL
        with converting_errors(path, "write"):
            create_private(path, folder)
            _write_new(path, plan)
            flush_folder(folder)

    def append(self, entry: Entry) -> None:
        """Add an entry to the uncommitted entries of this turn."""
        # Each row carries the number that it must get. If another process appended to the journal
        # as well, the number is taken, and the commit fails instead of mixing two drivers.
        sequence = self._last + len(self._rows) + 1
        self._rows.append(stored_values(self._version, sequence, write_entry(entry)))

    def commit(self) -> None:
        """Make the entries of this turn durable: either all entries or none.

        Raises
        ------
        TransientStoreError
            When the reason can pass, for example a full disk. The entries are kept for the next
            attempt.
        StoreError
            When the journal cannot be written, or is no longer where it was.
        """
        self.check_place()
        if not self._rows:
            return
        with converting_errors(self.path, "write"):
            try:
                self._insert()
            except sqlite3.OperationalError as error:
                # SQLite reports a quota, a file size limit and a disk that fails as one error. If
                # the reason has passed meanwhile, a second attempt succeeds. It writes all rows
                # again, so that it also holds after a flush that failed.
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_IOERR:
                    raise
                self._insert()
        self._last += len(self._rows)
        self._rows.clear()

    def _insert(self) -> None:
        # If this fails, the transaction is rolled back, but `_rows` still contains its entries.
        with self._connection:
            self._connection.execute("BEGIN")
            self._connection.executemany(self._statement, self._rows)

    def check_place(self) -> None:
        """Check that the journal is where it was when this writer opened it.

        The system lets a process write to a file that was deleted or moved, so nothing else tells.

        Raises
        ------
        StoreError
            When the sweep's folder or its journal was moved, deleted or replaced.
        """
        # This is called in every turn, so it does no more than it must.
        with suppress(OSError):
            if self._find_place() == self._place:
                return
        raise StoreError(
            f"{self.folder} was moved, deleted or replaced while its sweep was driven"
        )

    def _find_place(self) -> tuple[int, int]:
        file = self.path.stat()
        return file.st_dev, file.st_ino

    def close(self) -> None:
        """Close the journal and release its lock. Uncommitted entries are lost."""
        # Release the lock last. As soon as it is free, the next driver may open the database.
        with suppress(sqlite3.Error):
            self._connection.close()
        os.close(self._lock)


def _write_new(path: Path, plan: Plan) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        # In WAL mode, the driver and readers such as `show` do not block each other.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        # `executescript` commits an open transaction, so the script begins a transaction of its
        # own.
        connection.executescript(f"BEGIN; {SCHEMA}")
        body, created = dumps(plan_body(plan)), time.time()
        connection.execute(INSERT_SWEEP, (body, created, sweep_checksum(body, created)))
        connection.execute("COMMIT")


def _last_driver(folder: Path) -> str:
    """Describe the process that drives a sweep, as far as the journal tells."""
    with suppress(StoreError), closing(JournalReader(folder)) as reader:
        sessions = list(reader.sessions())
        if sessions and _may_live(sessions[-1]):
            return f"process {sessions[-1].process} on {sessions[-1].host}"
    return "another process"


def _may_live(session: SessionStarted) -> bool:
    """Tell whether the process of a session may still live."""
    if session.host != socket.gethostname():
        return True
    try:
        os.kill(session.process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # the process of another user
    return True

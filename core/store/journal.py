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

import json
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from sweepwright.protocol import dumps

from ..plan.plan import Plan
from ..plan.plan_json import plan_body, read_plan
from .entries import (
    SESSION_STARTED,
    Entry,
    EntryDecoder,
    SessionStarted,
    read_session,
    write_entry,
)
from .sweep_files import (
    JOURNAL,
    StoreError,
    connect,
    flush_folder,
    take_lock,
)
from .tables import (
    INSERT_SWEEP,
    SCHEMA,
    Row,
    insert_statement,
    row_checksum,
    select_statement,
    select_sweep_statement,
    stored_values,
    sweep_checksum,
)

_BATCH = 10_000
"""Number of rows that one SELECT returns. These rows take a few MB of memory."""


class JournalFullError(Exception):
    """The disk is full. No entry is lost, and the commit can be tried again."""


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
        self._lock = take_lock(folder)
        try:
            self._connection, self._version = connect(folder, mode="rw")
        except StoreError:
            os.close(self._lock)
            raise
        # NORMAL is the usual setting in WAL mode. But with NORMAL, a power cut could undo a commit
        # after the jobs of that commit were launched. FULL flushes the log to the disk at each
        # commit.
        self._connection.execute("PRAGMA synchronous = FULL")
        # Rows carry the sequence numbers that this writer expects. If another process appended to
        # the journal, the numbers are taken, and the commit fails instead of mixing two drivers.
        (last,) = self._connection.execute("SELECT max(sequence) FROM events").fetchone()
        self._sequence: int = last or 0
        self._rows: list[Sequence[Any]] = []

    @classmethod
    def create(cls, folder: Path, plan: Plan) -> None:
        """Write the journal of a new sweep. It contains only the plan.

        Raises
        ------
        StoreError
            When the journal cannot be written, for example because the disk is full.
        """
        # A reader must never find a journal without tables. The journal is therefore written under
        # another name and closed. SQLite then leaves a single file, which is renamed.
        draft = folder / f"{JOURNAL}.new"
        try:
            _write_new(draft, plan)
            draft.rename(folder / JOURNAL)
            flush_folder(folder)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"cannot write {folder / JOURNAL}: {error}") from error

    def append(self, entry: Entry) -> None:
        """Add an entry to the uncommitted entries of this turn."""
        self._sequence += 1
        self._rows.append(stored_values(self._version, self._sequence, write_entry(entry)))

    def commit(self) -> None:
        """Make the entries of this turn durable: either all entries or none.

        Raises
        ------
        JournalFullError
            When the disk is full. The entries are kept for the next attempt.
        """
        if not self._rows:
            return
        try:
            with self._connection:  # commits, or rolls back on an exception
                self._connection.execute("BEGIN")
                self._connection.executemany(insert_statement(self._version), self._rows)
        except sqlite3.OperationalError as error:
            # The transaction was rolled back, but `_rows` still contains its entries.
            if _is_lack_of_room(error):
                raise JournalFullError(str(error)) from error
            raise
        self._rows.clear()

    @property
    def path(self) -> Path:
        """Path of the journal's file."""
        return self.folder / JOURNAL

    def close(self) -> None:
        """Close the journal and release its lock. Uncommitted entries are lost."""
        # Release the lock last. As soon as it is free, the next driver may open the database.
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


def _is_lack_of_room(error: sqlite3.OperationalError) -> bool:
    # When a quota or a file size limit is exceeded, SQLite reports a failed write instead of a
    # full disk.
    return getattr(error, "sqlite_errorcode", None) in (
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR_WRITE,
    )


class JournalReader:
    """Reads a journal from its beginning, while a driver writes it or afterwards."""

    def __init__(self, folder: Path) -> None:
        """Open a journal for reading only.

        Raises
        ------
        StoreError
            When the file is not a journal, is damaged, or was written by a newer version.
        """
        self.folder = folder
        self._connection, version = connect(folder, mode="ro")
        self._next_rows = select_statement(version, "sequence > ?") + f" LIMIT {_BATCH}"
        self._rows_of_sweep = select_statement(version, "trial IS NULL AND kind = ?")
        try:
            ((plan, self.created, checksum),) = self._select(select_sweep_statement(version))
            if checksum not in (None, sweep_checksum(plan, self.created)):
                raise self._damaged("the plan")
        except StoreError:
            self.close()
            raise
        self.plan = read_plan(json.loads(plan))
        self._decoder = EntryDecoder()
        self._sequence = 0

    def entries(self) -> Iterator[Entry]:
        """Yield the entries that this reader has not yielded before, in order.

        Raises
        ------
        StoreError
            When the journal is damaged.
        """
        # Fetch each batch completely before its entries are processed. An open cursor would hold a
        # read transaction, which prevents SQLite from reusing the write-ahead log.
        while batch := self._select(self._next_rows, self._sequence):
            for values in batch:
                row = self._read_row(values)
                # Rows are never deleted, so a gap is a loss.
                if values[0] != self._sequence + 1:
                    raise self._damaged(f"entry {self._sequence + 1}")
                self._sequence = values[0]
                if entry := self._decoder.decode(row):
                    yield entry

    def sessions(self) -> Iterator[SessionStarted]:
        """Yield the first entry of each session. An index makes a full scan unnecessary."""
        for values in self._select(self._rows_of_sweep, SESSION_STARTED):
            yield read_session(self._read_row(values))

    def _read_row(self, values: Sequence[Any]) -> Row:
        row, checksum = Row._make(values[1:-1]), values[-1]
        # A row of version 1 has no checksum.
        if checksum is not None and checksum != row_checksum(values[0], row):
            raise self._damaged(f"entry {values[0]}")
        return row

    def _damaged(self, what: str) -> StoreError:
        return StoreError(f"{self.folder / JOURNAL} is damaged: {what} is not as it was written")

    def _select(self, statement: str, *parameters: Any) -> list[Any]:
        try:
            return self._connection.execute(statement, parameters).fetchall()
        except sqlite3.Error as error:
            path = self.folder / JOURNAL
            raise StoreError(f"{path} cannot be read as a journal: {error}") from error

    def close(self) -> None:
        """Close the journal."""
        self._connection.close()

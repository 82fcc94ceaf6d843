"""The journal: the append-only log of a sweep, from which everything else about it is derived.

The technique is write-ahead logging with group commit, in one SQLite file for each sweep
(docs/decisions/0004). The driver gathers entries in memory and commits those of a turn together,
before any of them takes effect outside of its process. Rows are inserted and selected, and never
updated or deleted.

One transaction a turn is faster than many, and it is also necessary. A report is stored together
with the cursor behind it, so that the platform does not deliver the report again. If a crash
separated it from the assessor's decision to stop the trial, a resumed sweep would let that trial
continue.
"""

import json
import os
import sqlite3
import time
from collections.abc import Iterator
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
    Row,
    SessionStarted,
    read_session,
    write_entry,
)
from .sweep_files import (
    JOURNAL,
    SCHEMA_VERSION,
    StoreError,
    connect,
    flush_folder,
    take_lock,
)

_APPLICATION = 0x53575052  # "SWPR" in ASCII
# `notes` finds the few rows that are about the sweep among the many that are about its trials.
_SCHEMA = f"""
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {SCHEMA_VERSION};
CREATE TABLE sweep (plan TEXT NOT NULL, created REAL NOT NULL);
CREATE TABLE events (
    sequence INTEGER PRIMARY KEY,
    time REAL NOT NULL,
    kind TEXT NOT NULL,
    trial INTEGER,
    attempt INTEGER,
    role TEXT,
    rank INTEGER,
    line INTEGER,
    body TEXT NOT NULL
);
CREATE UNIQUE INDEX lines ON events (trial, attempt, role, rank, line) WHERE line IS NOT NULL;
CREATE INDEX notes ON events (kind) WHERE trial IS NULL;
"""
_INSERT = """
INSERT INTO events (time, kind, trial, attempt, role, rank, line, body)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_SELECT = """
SELECT sequence, time, kind, trial, attempt, role, rank, line, body
FROM events WHERE sequence > ? ORDER BY sequence LIMIT ?
"""
_SELECT_OF_SWEEP = """
SELECT time, kind, trial, attempt, role, rank, line, body
FROM events WHERE trial IS NULL AND kind = ? ORDER BY sequence
"""
_BATCH = 10_000
"""Rows of one SELECT, which take a few MB of memory."""


class JournalFullError(Exception):
    """The disk is full; the commit lost nothing, and can be tried again."""


class Journal:
    """The only writer of a journal; it holds the lock of the sweep's driver."""

    def __init__(self, folder: Path) -> None:
        """Open a journal to continue it.

        Raises
        ------
        StoreError
            When another driver holds it, or a newer version wrote it.
        """
        self.folder = folder
        self._lock = take_lock(folder)
        try:
            self._connection = connect(folder, mode="rw")
        except StoreError:
            os.close(self._lock)
            raise
        # With NORMAL, the usual choice in WAL mode, a power cut could take back commits whose
        # jobs were launched already. FULL flushes the log to the disk at each commit.
        self._connection.execute("PRAGMA synchronous = FULL")
        self._rows: list[Row] = []

    @classmethod
    def create(cls, folder: Path, plan: Plan) -> None:
        """Write the journal of a new sweep, which holds nothing but its plan.

        Raises
        ------
        StoreError
            When it cannot be written, for lack of room for instance.
        """
        # A reader must not find a journal without its tables. So it is written under another name,
        # which SQLite leaves as a single file, and renamed when it is complete.
        draft = folder / f"{JOURNAL}.new"
        try:
            _write_new(draft, plan)
            draft.rename(folder / JOURNAL)
            flush_folder(folder)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"cannot write {folder / JOURNAL}: {error}") from error

    def append(self, entry: Entry) -> None:
        """Add an entry to those of this turn."""
        self._rows.append(write_entry(entry))

    def commit(self) -> None:
        """Make the entries of this turn durable, all or none of them.

        Raises
        ------
        JournalFullError
            When the disk is full; the entries are kept for the next try.
        """
        if not self._rows:
            return
        try:
            with self._connection:  # commits, or rolls back on an exception
                self._connection.execute("BEGIN")
                self._connection.executemany(_INSERT, self._rows)
        except sqlite3.OperationalError as error:
            # The transaction was rolled back, and `_rows` still holds its entries.
            if _is_lack_of_room(error):
                raise JournalFullError(str(error)) from error
            raise
        self._rows.clear()

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / JOURNAL

    def close(self) -> None:
        """Release the journal and its lock; entries that are not committed are lost."""
        # The lock is released last, because the next driver may then open the database.
        self._connection.close()
        os.close(self._lock)


def _write_new(path: Path, plan: Plan) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        # In WAL mode, readers such as `show` do not block the driver, nor does it block them.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        # `executescript` commits a transaction that is open, so the script begins its own.
        connection.executescript(f"BEGIN; {_SCHEMA}")
        row = (dumps(plan_body(plan)), time.time())
        connection.execute("INSERT INTO sweep VALUES (?, ?)", row)
        connection.execute("COMMIT")


def _is_lack_of_room(error: sqlite3.OperationalError) -> bool:
    # SQLite reports an exceeded quota or file size limit as a failed write, not as a full disk.
    return getattr(error, "sqlite_errorcode", None) in (
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR_WRITE,
    )


class JournalReader:
    """Reads a journal from its beginning, while or after its driver writes it."""

    def __init__(self, folder: Path) -> None:
        """Open a journal read-only.

        Raises
        ------
        StoreError
            When it is no journal, is damaged, or a newer version wrote it.
        """
        self.folder = folder
        self._connection = connect(folder, mode="ro")
        try:
            ((plan, self.created),) = self._select("SELECT plan, created FROM sweep")
        except StoreError:
            self.close()
            raise
        self.plan = read_plan(json.loads(plan))
        self._decoder = EntryDecoder()
        self._sequence = 0

    def entries(self) -> Iterator[Entry]:
        """Yield the entries that this reader has not yielded yet, in order.

        Raises
        ------
        StoreError
            When the journal is damaged.
        """
        # Each batch is fetched whole. A cursor that stayed open while entries are processed would
        # hold a read transaction, which keeps SQLite from reusing the write-ahead log.
        while batch := self._select(_SELECT, self._sequence, _BATCH):
            for sequence, *columns in batch:
                self._sequence = sequence
                if entry := self._decoder.decode(Row._make(columns)):
                    yield entry

    def sessions(self) -> Iterator[SessionStarted]:
        """Yield the beginnings of all sessions, by an index rather than by reading all entries."""
        for columns in self._select(_SELECT_OF_SWEEP, SESSION_STARTED):
            yield read_session(Row._make(columns))

    def _select(self, statement: str, *parameters: Any) -> list[Any]:
        try:
            return self._connection.execute(statement, parameters).fetchall()
        except sqlite3.Error as error:
            path = self.folder / JOURNAL
            raise StoreError(f"{path} cannot be read as a journal: {error}") from error

    def close(self) -> None:
        """Close the journal."""
        self._connection.close()

"""The journal: an append-only log of all that happened in a sweep, and the truth about it.

One SQLite file a sweep, in write-ahead mode with full synchronisation: what is committed
survives the loss of the process and of power. Rows are gathered and committed together,
once a turn of the driver, before anything outside of the driver's memory happens on their
account. Rows are never updated.
"""

import fcntl
import json
import os
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from sweepwright.events import Json, StudyEvent
from sweepwright.protocol import dumps, event_body, kind_of

from ..plan.plan import Plan
from ..plan.plan_json import plan_body, read_plan

JOURNAL = "journal.sqlite"
LOCK = "driver.lock"
SCHEMA_VERSION = 1
_APPLICATION = 0x53575052

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
_OF_KIND = "SELECT body FROM events WHERE trial IS NULL AND kind = ? ORDER BY sequence"
_BATCH = 10_000


class StoreError(Exception):
    """A store or a journal that cannot be used, in one line with a way out."""


class JournalFullError(Exception):
    """There is no room to commit; nothing is lost, and the commit can be tried again."""


class Row(NamedTuple):
    """One row of the journal."""

    sequence: int
    time: float
    kind: str
    trial: int | None
    attempt: int | None
    role: str | None
    rank: int | None
    line: int | None
    body: str


@dataclass(frozen=True, slots=True)
class LinePlace:
    """Where a report stands in a trial's log; unique in its attempt."""

    role: str
    rank: int
    line: int


class Journal:
    """The one writer of a journal, holding the lock that says so."""

    def __init__(self, folder: Path) -> None:
        """Open a journal to continue it.

        Raises
        ------
        StoreError
            When another driver holds it, or a newer version wrote it.
        """
        self.folder = folder
        self._lock = _lock(folder)
        try:
            self._connection = _connect(folder, mode="rw")
        except StoreError:
            os.close(self._lock)
            raise
        self._connection.execute("PRAGMA synchronous = FULL")
        self._rows: list[tuple[Any, ...]] = []

    @classmethod
    def create(cls, folder: Path, plan: Plan) -> None:
        """Write the journal of a new sweep, empty but for its plan.

        Raises
        ------
        StoreError
            When it cannot be written, for lack of room for instance.
        """
        try:
            cls._create(folder, plan)
        except sqlite3.Error as error:
            raise StoreError(f"cannot write {folder / JOURNAL}: {error}") from error

    @classmethod
    def _create(cls, folder: Path, plan: Plan) -> None:
        with closing(sqlite3.connect(folder / JOURNAL, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.executescript(f"BEGIN; {_SCHEMA}")
            connection.execute(
                "INSERT INTO sweep VALUES (?, ?)", (dumps(plan_body(plan)), time.time())
            )
            connection.execute("COMMIT")

    def add(self, event: StudyEvent, place: LinePlace | None = None, **extra: Json) -> None:
        """Add an event to the rows of this turn; `extra` joins its body."""
        place_columns = (place.role, place.rank, place.line) if place else (None, None, None)
        self._rows.append(
            (
                time.time(),
                kind_of(event),
                event.trial.number,
                getattr(event, "attempt", None),
                *place_columns,
                dumps({**event_body(event), **extra}),
            )
        )

    def note(self, kind: str, body: Json) -> None:
        """Add a row about the sweep as a whole, or about a job that is superseded."""
        self._rows.append((time.time(), kind, None, None, None, None, None, dumps(body)))

    def commit(self) -> None:
        """Make the rows of this turn last.

        Raises
        ------
        JournalFullError
            When the disk is full; the rows are kept for the next try.
        """
        if not self._rows:
            return
        try:
            with self._connection:
                self._connection.execute("BEGIN")
                self._connection.executemany(_INSERT, self._rows)
        except sqlite3.OperationalError as error:
            if _is_lack_of_room(error):
                raise JournalFullError(str(error)) from error
            raise
        self._rows.clear()

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / JOURNAL

    def close(self) -> None:
        """Let go of the journal and its lock; rows that are not committed are forgotten."""
        self._connection.close()
        os.close(self._lock)


class JournalReader:
    """Reads a journal beside its writer, in short transactions."""

    def __init__(self, folder: Path) -> None:
        """Open a journal read-only.

        Raises
        ------
        StoreError
            When it is no journal, is damaged, or a newer version wrote it.
        """
        self.folder = folder
        self._connection = _connect(folder, mode="ro")
        plan, self.created = self._connection.execute("SELECT plan, created FROM sweep").fetchone()
        self.plan = read_plan(json.loads(plan))

    def rows(self, after: int = 0) -> Iterator[Row]:
        """Yield the rows behind a sequence number, in their order."""
        while batch := self._connection.execute(_SELECT, (after, _BATCH)).fetchall():
            yield from map(Row._make, batch)
            after = batch[-1][0]

    def bodies(self, kind: str) -> list[Json]:
        """List what the rows of a kind say that are about no trial, in their order."""
        found = self._connection.execute(_OF_KIND, (kind,)).fetchall()
        return [json.loads(body) for (body,) in found]

    def close(self) -> None:
        """Let go of the journal."""
        self._connection.close()


def driver_of(folder: Path) -> str | None:
    """Name the process that drives a sweep at the moment, None when nobody does."""
    try:
        descriptor = os.open(folder / LOCK, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        return None if _locked(descriptor, fcntl.LOCK_SH) else _holder(descriptor)
    finally:
        os.close(descriptor)


def _connect(folder: Path, mode: str) -> sqlite3.Connection:
    path = folder / JOURNAL
    uri = f"{path.resolve().as_uri()}?mode={mode}"
    with ExitStack() as on_failure:
        try:
            connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=10)
            on_failure.callback(connection.close)
            (version,) = connection.execute("PRAGMA user_version").fetchone()
        except sqlite3.Error as error:
            raise StoreError(f"{path} cannot be read as a journal: {error}") from error
        _refuse_other_format(path, version)
        on_failure.pop_all()
    return connection


def _refuse_other_format(path: Path, version: int) -> None:
    if version != SCHEMA_VERSION:
        raise StoreError(
            f"{path} has the format {version}, this is sweepwright for the format "
            f"{SCHEMA_VERSION}; use the version that wrote it"
        )


def _lock(folder: Path) -> int:
    """Take the lock of a sweep, which the system lets go of however the process ends."""
    try:
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StoreError(f"cannot drive the sweep in {folder}: {error.strerror}") from error
    # Somebody who asks whether the sweep is driven holds the lock for an instant.
    for pause in (0.02, 0.1, 0.2, 0):
        if _locked(descriptor, fcntl.LOCK_EX):
            _sign(descriptor)
            return descriptor
        time.sleep(pause)
    holder = _holder(descriptor)
    os.close(descriptor)
    raise StoreError(f"sweep {folder.name} is being driven by {holder}")


def _sign(descriptor: int) -> None:
    """Write down who holds a lock; on a full disk the lock holds without it."""
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}\n".encode())


def _locked(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(descriptor: int) -> str:
    return os.pread(descriptor, 200, 0).decode(errors="replace").strip() or "another process"


def _is_lack_of_room(error: sqlite3.OperationalError) -> bool:
    return getattr(error, "sqlite_errorcode", None) in (
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR_WRITE,
    )

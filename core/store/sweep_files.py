"""The files in a sweep's folder: the database of its journal, and the modes of all files."""

import os
import sqlite3
import stat
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Literal

from .store_errors import StoreError, converting_errors
from .tables import APPLICATION, READABLE_VERSIONS

JOURNAL = "journal.sqlite"
_BUSY_SECONDS = {"ro": 2.0, "rw": 1.0}
"""Longest time that a statement waits while another process has the database locked. A driver
waits on by itself, and looks for signals in between."""
_HEADER_BYTES = 100
_MAGIC = b"SQLite format 3\0"
_COMPUTED = "SELECT count(*) FROM sqlite_master WHERE rootpage = 0 OR rootpage IS NULL"
"""Counts the parts of a database that store nothing: views, triggers and virtual tables."""


def connect(folder: Path, mode: Literal["ro", "rw"]) -> tuple[sqlite3.Connection, int]:
    """Open the database of a sweep's journal; return the version of its tables as well.

    Raises
    ------
    StoreError
        When the file is not a journal, is damaged, or was written by a newer version.
    """
    path = folder / JOURNAL
    with converting_errors(path):
        _refuse_special_files(path)
        try:
            return _open(path, f"mode={mode}", _BUSY_SECONDS[mode])
        except sqlite3.OperationalError as error:
            # To read a database in WAL mode, SQLite creates files beside it. In a read-only copy
            # it cannot. If the log is empty, there is nothing that these files are for.
            no_files = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
            if mode == "rw" or error.sqlite_errorcode & 0xFF not in no_files:
                raise
            if _log_size(path):
                raise StoreError(
                    f"cannot read {path}: to read its log `{JOURNAL}-wal`, files must be created "
                    "beside it; copy the folder to a store of yours"
                ) from error
            return _open(path, "mode=ro&immutable=1", _BUSY_SECONDS[mode])


def _refuse_special_files(path: Path) -> None:
    """Raise if a file beside a journal is a named pipe, at which SQLite would wait forever."""
    for beside in (path.with_name(path.name + suffix) for suffix in ("-journal", "-wal", "-shm")):
        with suppress(FileNotFoundError):
            if not stat.S_ISREG(beside.stat().st_mode):
                raise StoreError(f"{beside} is not an ordinary file; remove it")


def _log_size(path: Path) -> int:
    path.stat()  # the system's reason why there is no journal, or why nobody may look at it
    log = path.with_name(f"{path.name}-wal")
    return log.stat().st_size if log.exists() else 0


def _open(path: Path, options: str, busy_seconds: float) -> tuple[sqlite3.Connection, int]:
    uri = f"{path.absolute().as_uri()}?{options}"
    # By default, Python's sqlite3 begins a transaction before an INSERT and commits an open
    # transaction before a script. If the isolation level is None, the caller does both.
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=busy_seconds)
    with ExitStack() as on_failure:
        on_failure.callback(connection.close)
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if application != APPLICATION:
            raise StoreError(f"{path} is not a journal of sweepwright")
        if version not in READABLE_VERSIONS:
            readable = " and ".join(map(str, READABLE_VERSIONS))
            raise StoreError(
                f"{path} has format {version}, and this version of sweepwright reads the formats "
                f"{readable}; use the version that wrote it"
            )
        # A journal of a stranger might compute its rows without end.
        (computed,) = connection.execute(_COMPUTED).fetchone()
        if computed:
            raise StoreError(f"{path} is not a journal of sweepwright: it has views or triggers")
        on_failure.pop_all()
    return connection, version


def is_foreign(journal: Path) -> bool:
    """Tell whether a file is surely no journal: empty, or the database of another program."""
    try:
        with journal.open("rb") as file:
            header = file.read(_HEADER_BYTES)
    except OSError:
        return False  # it may be a journal
    if not header:
        return True
    application = int.from_bytes(header[68:72], "big")  # where SQLite keeps the application id
    return header.startswith(_MAGIC) and application != APPLICATION


def create_private(path: Path, folder: Path) -> None:
    """Create an empty file that everyone may read who may read a folder, whatever the umask."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        # SQLite gives the files that it creates beside a database the mode of the database.
        os.fchmod(descriptor, 0o600 | stat.S_IMODE(folder.stat().st_mode) & 0o040)
    finally:
        os.close(descriptor)


def flush_folder(folder: Path) -> None:
    """Flush the file names in a folder to the disk, so that new files survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

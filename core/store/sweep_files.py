"""The two files in a sweep's folder: the database of its journal, and the lock of its driver.

The lock is an advisory ``flock``. The operating system releases it when the process ends for any
reason, so a lock is never stale. The Python module ``fcntl`` is available on POSIX systems only,
so drivers run only there.
"""

import fcntl
import os
import socket
import sqlite3
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Literal

from .tables import READABLE_VERSIONS

JOURNAL = "journal.sqlite"
LOCK = "driver.lock"

_LOCK_WAITS = (0.02, 0.1, 0.2, 0)
"""Seconds to wait after each attempt to take the lock. `driver_of` may hold the lock for an
instant."""
_BUSY_SECONDS = 10
"""Longest time that a statement waits while another process has the database locked."""


class StoreError(Exception):
    """A store or a journal cannot be used. The message is a single line."""


def connect(folder: Path, mode: Literal["ro", "rw"]) -> tuple[sqlite3.Connection, int]:
    """Open the database of a sweep's journal; return the version of its tables as well.

    Raises
    ------
    StoreError
        When the file is not a journal, is damaged, or was written by a newer version.
    """
    path = folder / JOURNAL
    uri = f"{path.resolve().as_uri()}?mode={mode}"
    with ExitStack() as on_failure:
        try:
            # By default, Python's sqlite3 begins a transaction before an INSERT and commits an
            # open transaction before a script. If the isolation level is None, the caller does
            # both.
            connection = sqlite3.connect(
                uri, uri=True, isolation_level=None, timeout=_BUSY_SECONDS
            )
            on_failure.callback(connection.close)
            (version,) = connection.execute("PRAGMA user_version").fetchone()
        except sqlite3.Error as error:
            raise StoreError(f"{path} cannot be read as a journal: {error}") from error
        _refuse_other_format(path, version)
        on_failure.pop_all()
    return connection, version


def _refuse_other_format(path: Path, version: int) -> None:
    if version not in READABLE_VERSIONS:
        readable = " and ".join(map(str, READABLE_VERSIONS))
        raise StoreError(
            f"{path} has format {version}, and this version of sweepwright reads the formats "
            f"{readable}; use the version that wrote it"
        )


def flush_folder(folder: Path) -> None:
    """Flush the file names in a folder to the disk, so that new files survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def take_lock(folder: Path) -> int:
    """Take the lock of a sweep's driver. Closing the returned descriptor releases the lock.

    Raises
    ------
    StoreError
        When another process holds the lock, or the lock file cannot be written.
    """
    try:
        # Python opens files so that exec closes them. The fork server may outlive the driver for a
        # moment. It is started by exec, so it does not inherit the lock.
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StoreError(f"cannot drive the sweep in {folder}: {error.strerror}") from error
    for wait in _LOCK_WAITS:
        if _try_lock(descriptor, fcntl.LOCK_EX):
            _write_holder(descriptor)
            return descriptor
        time.sleep(wait)
    holder = _read_holder(descriptor)
    os.close(descriptor)
    raise StoreError(f"sweep {folder.name} is being driven by {holder}")


def driver_of(folder: Path) -> str | None:
    """Describe the process that currently drives a sweep; None if no process drives it."""
    try:
        descriptor = os.open(folder / LOCK, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        return None if _try_lock(descriptor, fcntl.LOCK_SH) else _read_holder(descriptor)
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write_holder(descriptor: int) -> None:
    """Write a description of this process into the lock file, unless the disk is full."""
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}\n".encode())


def _read_holder(descriptor: int) -> str:
    return os.pread(descriptor, 200, 0).decode(errors="replace").strip() or "another process"

"""The lock of a sweep's driver: an advisory ``flock`` on the sweep's folder.

The operating system releases the lock when the process ends for any reason, so a lock is never
stale. The folder itself is locked, and not a file in it: there is nothing that a user could
delete, or replace by a link or a pipe. The lock is not on the journal's file either, because
SQLite holds POSIX locks on that file. The system drops all POSIX locks that a process holds on a
file as soon as the process closes any of its descriptors of the file.

The Python module ``fcntl`` is available on POSIX systems only, so drivers run only there.
"""

import fcntl
import os
import time
from pathlib import Path

from .store_errors import StoreError

_WAITS = (0.001, 0.01, 0.1, 0.2)
"""Seconds to wait after each attempt to take the lock, while no driver holds it. `is_driven` holds
it for an instant, in a mode that others can share."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY


class LockHeldError(StoreError):
    """Another process drives the sweep."""


def take_lock(folder: Path) -> int:
    """Take the lock of a sweep's driver. Closing the returned descriptor releases the lock.

    Raises
    ------
    LockHeldError
        When another process holds the lock.
    StoreError
        When the file system has no locks.
    OSError
        When the folder cannot be opened.
    """
    # Python opens files so that exec closes them. The fork server may outlive the driver for a
    # moment. It is started by exec, so it does not inherit the lock.
    descriptor = os.open(folder, _FOLDER | os.O_NOFOLLOW)
    try:
        for wait in _WAITS:
            if _try_lock(descriptor, folder, fcntl.LOCK_EX):
                return descriptor
            if not _try_lock(descriptor, folder, fcntl.LOCK_SH):
                break  # a driver does not share it
            fcntl.flock(descriptor, fcntl.LOCK_UN)
            time.sleep(wait)
    except StoreError:
        os.close(descriptor)
        raise
    os.close(descriptor)
    raise LockHeldError(f"sweep {folder.name} is being driven by another process")


def is_driven(folder: Path) -> bool:
    """Tell whether a process drives the sweep in a folder; False where that cannot be known."""
    try:
        descriptor = os.open(folder, _FOLDER)
    except OSError:
        return False
    try:
        return not _try_lock(descriptor, folder, fcntl.LOCK_SH)
    except StoreError:
        return False
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int, folder: Path, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise StoreError(
            f"cannot lock {folder}: {error.strerror}; "
            "name a folder on a local disk: store.path=FOLDER"
        ) from error
    return True

"""The errors of the store. What the system, SQLite and decoding raise is converted here.

Every message is one line: what could not be done to which file, the reason in the system's words,
and what can still be done. The driver waits when the reason can pass, such as a full disk, and
ends its session when it cannot, such as a failing disk.
"""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from struct import error as StructError  # noqa: N812 - the name alone would say nothing


class StoreError(Exception):
    """A store or a journal cannot be used. The message is a single line."""


class TransientStoreError(StoreError):
    """The system refused a write for a reason that can pass. The write can be tried again."""


class LostStoreError(StoreError):
    """The store failed under a running sweep, which was interrupted and can be resumed."""


class ElsewhereError(StoreError):
    """The files of a sweep outside its store cannot be reached or copied."""


class DamagedJournalError(StoreError):
    """A journal does not contain what was written to it. Parts of it may still be whole."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(
            f"{path} is damaged ({what}); `check-store` tells what is damaged, and `export` "
            "writes what is whole"
        )
        self.what = what


_TRANSIENT = frozenset(
    {
        errno.ENOSPC,  # the disk is full
        errno.EDQUOT,  # so is the user's share of it
        errno.EFBIG,  # the process may not write larger files (`ulimit -f`)
        errno.EMFILE,  # the process has too many open files
        errno.ENFILE,  # so has the system
        errno.ENOMEM,
        errno.EAGAIN,
    }
)
"""Reasons that can pass without anybody touching the store."""
IMPOSSIBLE = (
    ValueError,  # no JSON; an integer of thousands of digits
    RecursionError,  # JSON that is nested too deeply
    LookupError,  # a key or a trial that is missing
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,  # an event that cannot follow on those before it
    StructError,  # text in a column of numbers
)
"""What decoding and replaying raise for values that no version of sweepwright wrote."""
UNREADABLE = (
    sqlite3.Error,
    UnicodeDecodeError,  # SQLite quotes damaged bytes in its message
)
"""What reading a damaged database raises."""
_PROBE_BYTES = 65536


@contextmanager
def converting_errors(path: Path, task: str = "read") -> Iterator[None]:
    """Convert whatever goes wrong with a file or folder of the store to a `StoreError`.

    Parameters
    ----------
    task
        What is being done: ``cannot {task} {path}: …``.
    """
    try:
        yield
    except StoreError:
        raise
    except sqlite3.Error as error:
        raise _convert_sqlite(error, path, task) from error
    except OSError as error:
        raise _convert_system(error, path, task) from error
    except IMPOSSIBLE as error:
        raise DamagedJournalError(path, describe_impossible(error)) from error


def describe_impossible(error: Exception) -> str:
    """Word one of the errors in `IMPOSSIBLE` for users."""
    text = str(error)[:80]
    return f"not what sweepwright writes: {type(error).__name__} {text}".rstrip()


def _convert_system(error: OSError, path: Path, task: str) -> StoreError:
    kind = TransientStoreError if error.errno in _TRANSIENT else StoreError
    return kind(f"cannot {task} {path}: {error.strerror or error}")


def _convert_sqlite(error: sqlite3.Error, path: Path, task: str) -> StoreError:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    match code & 0xFF:  # the primary code, without what SQLite was doing
        case sqlite3.SQLITE_FULL:
            full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return _convert_system(full, path, task)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED | sqlite3.SQLITE_PROTOCOL:
            return TransientStoreError(f"cannot {task} {path}: another process has locked it")
        case sqlite3.SQLITE_IOERR | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY:
            # SQLite does not say what the system said, so the system is asked again.
            if refusal := _refusal(path, task):
                return _convert_system(refusal, path, task)
            return StoreError(f"cannot {task} {path}: {error}")
        case sqlite3.SQLITE_CONSTRAINT:
            return StoreError(
                f"cannot {task} {path}: it has such entries already, as if another driver had "
                f"written to it ({error})"
            )
        case sqlite3.SQLITE_NOTADB:
            return DamagedJournalError(path, "it is not a database")
    return DamagedJournalError(path, str(error))


def _refusal(path: Path, task: str) -> OSError | None:
    """Return the error with which the system refuses a file; None if it does not refuse it."""
    try:
        if task == "read":
            with path.open("rb") as file:
                file.read(_PROBE_BYTES)
        else:
            _write_probe(path)
    except OSError as error:
        return error
    return None


def _write_probe(journal: Path) -> None:
    """Write to a file beside a journal as SQLite does: as far from its start, and flushed."""
    probe = journal.with_name(f"{journal.name}-probe")
    files = (journal.with_name(journal.name + suffix) for suffix in ("", "-wal"))
    end = max((file.stat().st_size for file in files if file.exists()), default=0)
    descriptor = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        os.pwrite(descriptor, bytes(_PROBE_BYTES), end)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
        with suppress(OSError):
            probe.unlink()

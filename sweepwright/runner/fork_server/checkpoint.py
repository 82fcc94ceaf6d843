"""The checkpoint of an attempt, which is on the disk before the attempt counts as successful.

Without a flush, a power cut could leave a journal that promises a checkpoint and a disk that has
only half of it.
"""

# ruff: noqa: PTH104, PTH106, PTH108, PTH112, PTH114, PTH116, PTH118

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import suppress

COMPLETE = "checkpoint"
"""Name of the folder that holds the complete checkpoint of a successful attempt."""
UNFINISHED = "checkpoint.part"
"""Name of the checkpoint folder of a running attempt; it is renamed if the attempt succeeds."""

_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
# The file is a symbolic link, forbids reading, is no file of a disk, or lies too deep.
_SKIPPED = (errno.ELOOP, errno.EACCES, errno.ENXIO, errno.EINVAL, errno.ENAMETOOLONG)
_OWN = frozenset(
    {errno.EEXIST, errno.EISDIR, errno.ENOENT, errno.ENOTDIR, errno.ENOTEMPTY}
    | {errno.ELOOP, errno.ENAMETOOLONG}
)
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM})


def keep_checkpoint(folder: str) -> None:
    """Flush the checkpoint in an attempt's folder to the disk, and mark it as complete.

    Does nothing if there is none. May be called again after an error that passes.
    """
    unfinished = os.path.join(folder, UNFINISHED)
    if not os.path.isdir(unfinished):
        return
    for path, files in _walk(unfinished):
        for file in files:
            _flush(file)
        _flush(path)
    try:
        os.rename(unfinished, os.path.join(folder, COMPLETE))
    except OSError as error:
        raise OSError(error.errno, f"its checkpoint cannot be kept: {error.strerror}") from error
    _flush(folder)


def own_errors(folder: str) -> frozenset[int]:
    """Return the errors of `keep_checkpoint` that are the fault of the job.

    The folder of its attempt was in order when the job started, so the job has tampered with it.
    """
    try:
        forbidden = not os.stat(folder).st_mode & stat.S_IWUSR
    except OSError:
        forbidden = False
    return _OWN | _FORBIDDEN if forbidden else _OWN


def discard_checkpoints(folder: str) -> None:
    """Remove the checkpoints that an earlier launch has left in an attempt's folder."""
    for name in (COMPLETE, UNFINISHED):
        tree = os.path.join(folder, name)
        if os.path.islink(tree) or not os.path.isdir(tree):
            continue
        found = list(_walk(tree))
        for path, files in reversed(found):
            with suppress(OSError):
                for file in files:
                    os.unlink(file)
                os.rmdir(path)


def _walk(folder: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each folder below a folder, itself first, and the files in it.

    A trial may nest folders deeper than Python nests calls, so this does not recurse.
    """
    folders = [folder]
    for path in folders:
        entries = _entries(path)
        inner = {entry.path for entry in entries if entry.is_dir(follow_symlinks=False)}
        folders += inner
        yield path, [entry.path for entry in entries if entry.path not in inner]


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError as error:
        if error.errno in (*_SKIPPED, errno.ENOENT):
            return []
        raise


def _flush(path: str) -> None:
    with suppress(FileNotFoundError):
        try:
            file = os.open(path, _FLAGS)
        except OSError as error:
            if error.errno in _SKIPPED:
                return
            raise
        try:
            os.fsync(file)
        except OSError as error:
            if error.errno not in _SKIPPED:
                # After a failed flush the system forgets the data, and the next flush succeeds.
                # So this error is final, whatever its number.
                reason = f"its checkpoint cannot be written to the disk: {error.strerror}"
                raise OSError(errno.EIO, reason, path) from error
        finally:
            os.close(file)

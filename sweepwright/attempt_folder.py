"""Reads the files of attempts from a folder, such as a sweep's folder in the store.

A trial may put anything into its folder: symbolic links, named pipes, folders without end. Only
ordinary files are listed, and no link is followed, so that nothing outside the folder is read.
"""

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from .contracts import AttemptFile, AttemptRef

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Opening a named pipe must not wait for a writer.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
# There is nothing of this name, or it is a link, a socket, or of another kind than wanted.
_ABSENT = (errno.ENOENT, errno.ELOOP, errno.ENOTDIR, errno.ENXIO, errno.ENAMETOOLONG)


class AttemptFolder:
    """The files of attempts below a folder, as ``<trial>/<attempt>/``; see `AttemptFiles`."""

    def __init__(self, trials: Path) -> None:
        self._trials = trials

    def list(self, attempt: AttemptRef) -> Sequence[AttemptFile]:
        """List the ordinary files of an attempt."""
        with self._opened(attempt) as folder:
            return list(_walk(folder))

    def read(self, attempt: AttemptRef, path: str, offset: int, limit: int) -> bytes:
        """Return a part of a file."""
        *folders, name = path.split("/")
        with self._opened(attempt) as top, _below(top, folders) as folder:
            file = _open(name, _FILE, folder)
            try:
                if not stat.S_ISREG(os.fstat(file).st_mode):
                    raise FileNotFoundError(errno.ENOENT, "not an ordinary file", path)
                return os.pread(file, limit, offset)
            finally:
                os.close(file)

    def close(self) -> None:
        """Do nothing, since no file stays open."""

    @contextmanager
    def _opened(self, attempt: AttemptRef) -> Iterator[int]:
        trials = os.open(self._trials, _FOLDER)
        try:
            with _below(trials, (str(attempt.trial), str(attempt.attempt))) as folder:
                yield folder
        finally:
            os.close(trials)


def _walk(top: int) -> Iterator[AttemptFile]:
    """Yield the ordinary files below an open folder.

    A trial may nest folders deeper than Python nests calls, so this does not recurse.
    """
    folders: list[tuple[str, ...]] = [()]
    while folders:
        names = folders.pop()
        # A running trial may remove what was just seen.
        with suppress(FileNotFoundError), _below(top, names) as folder:
            with os.scandir(folder) as scanned:
                entries = [entry.name for entry in scanned]
            for name in entries:
                with suppress(FileNotFoundError):
                    found = os.stat(name, dir_fd=folder, follow_symlinks=False)
                    if stat.S_ISDIR(found.st_mode):
                        folders.append((*names, name))
                    elif stat.S_ISREG(found.st_mode):
                        yield AttemptFile("/".join((*names, name)), found.st_size)


@contextmanager
def _below(folder: int, names: Sequence[str]) -> Iterator[int]:
    """Open the folder that these names lead to, without following a link."""
    opened = os.dup(folder)
    try:
        for name in names:
            inner = _open(name, _FOLDER, opened)
            os.close(opened)
            opened = inner
        yield opened
    finally:
        os.close(opened)


def _open(name: str, flags: int, folder: int) -> int:
    if name in ("", ".", "..") or "\0" in name:
        raise FileNotFoundError(errno.ENOENT, "not a name of a file", name)
    try:
        return os.open(name, flags, dir_fd=folder)
    except OSError as error:
        if error.errno in _ABSENT:
            raise FileNotFoundError(errno.ENOENT, error.strerror, name) from error
        raise

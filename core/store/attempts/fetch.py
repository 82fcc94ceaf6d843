"""Copies files of attempts to a folder of this machine.

Each file is written under a temporary name and renamed when it is complete. If a copy is
interrupted, the next one skips the complete files and continues in the middle of the incomplete
file. No link is followed, so that nothing outside the folder is written.
"""

import errno
import os
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from sweepwright.contracts import AttemptFile, AttemptFiles, AttemptRef

from ..store_errors import ElsewhereError
from ..trust import folder_inside

KINDS = ("checkpoint", "output", "tensorboard")
"""Kinds of files that can be fetched alone."""
_CHUNK = 1 << 20
_PART = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


def select_files(found: Iterable[AttemptFile], kind: str | None) -> list[AttemptFile]:
    """Select the files of one kind, or all files."""
    return [file for file in found if kind is None or _kind_of(file.path) == kind]


def _kind_of(path: str) -> str:
    folder, inside, _ = path.partition("/")
    return folder if inside else "output" if path.endswith((".stdout", ".stderr")) else ""


@dataclass(slots=True)
class Fetch:
    """Copies files of one attempt to a folder below `base`, which exists."""

    files: AttemptFiles
    attempt: AttemptRef
    base: Path
    folders: Sequence[str] = ()
    """Names of the folders that lead from `base` to the copy; missing ones are created."""
    settled: bool = False
    """Whether the attempt has ended, so that its files do not change."""
    copied: list[AttemptFile] = field(default_factory=list)
    """The files that were copied, without those that were already there."""

    @property
    def target(self) -> Path:
        """The folder that receives the files."""
        return self.base.joinpath(*self.folders)

    def run(self, files: Iterable[AttemptFile]) -> None:
        """Copy files.

        Raises
        ------
        StoreError
            When a file cannot be read or written. Complete files stay, and the next copy goes on.
        """
        for file in files:
            try:
                if self._copy(file):
                    self.copied.append(file)
            except FileNotFoundError as error:
                gone = f"the file {file.path} is gone from where the attempt ran"
                raise ElsewhereError(gone) from error
            except OSError as error:
                path = self.target / file.path
                raise ElsewhereError(f"cannot write {path}: {error.strerror}") from error

    def _copy(self, file: AttemptFile) -> bool:
        """Copy a file; return False if it is there already."""
        *folders, name = file.path.split("/")
        with folder_inside(self.base, *self.folders, *folders) as folder:
            if self.settled and _size(name, folder) == file.size:
                return False
            # The file's own name may be as long as a name can be.
            part = f".{sha256(name.encode(errors='surrogateescape')).hexdigest()[:16]}.part"
            descriptor = os.open(part, _PART, 0o666, dir_fd=folder)
            try:
                self._fill(descriptor, file)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            os.replace(part, name, src_dir_fd=folder, dst_dir_fd=folder)
        return True

    def _fill(self, descriptor: int, file: AttemptFile) -> None:
        """Write the contents of a file after those that an interrupted copy has written."""
        written = os.fstat(descriptor).st_size
        if not self.settled or written > file.size:
            os.ftruncate(descriptor, written := 0)
        disk = os.fstatvfs(descriptor)
        if file.size - written > disk.f_bavail * disk.f_frsize:
            # A machine may also say so of a file that has no end.
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        while written < file.size:
            limit = min(_CHUNK, file.size - written)
            data = self.files.read(self.attempt, file.path, written, limit)
            if not data:
                break  # it has become shorter
            written += os.pwrite(descriptor, data, written)


def _size(name: str, folder: int) -> int | None:
    """Return the size of an ordinary file, or None if there is none of this name."""
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None

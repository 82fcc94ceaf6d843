"""The archive of a trial's folder: the same files give the same bytes and hash on any machine.

The archive is a plain tar file without owners and times. It is not compressed, because compressed
bytes differ between versions of zlib, so that one version of the code would have several hashes.
Compressing 20 MB of source takes 0.13 s at zlib's level 1: as long as packing them, and half as
long as sending them over the loopback interface.
"""

import os
import stat
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from tempfile import TemporaryFile
from typing import IO, Self, cast

from .code_listing import READ_FLAGS, ListedEntry, Listing

_CHUNK = 1 << 20


class CodeError(Exception):
    """The code cannot be packed; the message is one line that names the file."""


@dataclass(frozen=True, slots=True, eq=False)
class CodeArchive:
    """An archive, in a temporary file that has no name and vanishes when it is closed."""

    hash: str
    """SHA-256 of the archive, in hexadecimal."""
    size: int
    _file: IO[bytes]

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes of the archive. Several threads may read at once."""
        for at in range(0, self.size, _CHUNK):
            yield os.pread(self._file.fileno(), _CHUNK, at)

    def close(self) -> None:
        """Remove the temporary file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def pack(listing: Listing) -> CodeArchive:
    """Pack the listed files. The memory that this needs does not depend on their size.

    Raises
    ------
    CodeError
        When a file cannot be read or changes meanwhile, or when the archive cannot be written.
    """
    if not listing.complete:
        raise CodeError(f"there are too many files in `{listing.folder}`")
    for path, reason in listing.faults.items():
        raise CodeError(f"cannot read `{path}`: {reason}")
    try:
        spool = _HashingFile(TemporaryFile())  # noqa: SIM115 - the archive closes it
    except OSError as error:
        raise CodeError(f"cannot create a temporary file: {error.strerror}") from error
    try:
        _write(listing, spool)
    except BaseException:
        spool.file.close()
        raise
    return CodeArchive(spool.digest.hexdigest(), spool.size, spool.file)


class _HashingFile:
    """A file that hashes what is written to it."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.digest = sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        self.size += len(data)
        try:
            return self.file.write(data)
        except OSError as error:
            raise CodeError(f"cannot write a temporary file: {error.strerror}") from error

    def flush(self) -> None: ...


def _write(listing: Listing, spool: _HashingFile) -> None:
    with tarfile.open(
        mode="w|",
        fileobj=cast(IO[bytes], spool),  # of a file, only `write` is called
        format=tarfile.PAX_FORMAT,
        encoding="utf-8",
        errors="surrogateescape",
        bufsize=_CHUNK,
    ) as tar:
        for entry in listing.entries:
            _add(tar, entry)
    spool.file.flush()


def _add(tar: tarfile.TarFile, entry: ListedEntry) -> None:
    info = tarfile.TarInfo(entry.path)  # its time is 0, and it belongs to nobody
    match entry.kind:
        case "folder":
            info.type, info.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(info)
        case "link":
            info.type, info.mode, info.linkname = tarfile.SYMTYPE, 0o777, entry.target
            tar.addfile(info)
        case _:
            info.mode = 0o755 if entry.executable else 0o644
            _add_file(tar, info, entry)


def _add_file(tar: tarfile.TarFile, info: tarfile.TarInfo, entry: ListedEntry) -> None:
    """Add a file as it is when it is opened; raise `CodeError` if it changes meanwhile.

    A file that grows meanwhile, such as a log, is cut where it ended when it was opened.
    """
    try:
        with os.fdopen(os.open(entry.source, READ_FLAGS), "rb") as file:
            before = os.fstat(file.fileno())
            if not stat.S_ISREG(before.st_mode):
                raise CodeError(f"`{entry.path}` changed while the code was packed")
            info.size = before.st_size
            tar.addfile(info, file)
            after = os.fstat(file.fileno())
    except OSError as error:
        reason = error.strerror or "it became shorter"
        raise CodeError(
            f"cannot read `{entry.path}` while the code is packed: {reason}"
        ) from error
    if after.st_mtime_ns != before.st_mtime_ns and after.st_size <= before.st_size:
        raise CodeError(f"`{entry.path}` changed while the code was packed")

"""Archives of code and of checkpoints: packed without surprises, and unpacked without trust.

An archive is a plain tar, so unpacking it needs no more space than it has bytes. An archive is
refused as a whole if it contains anything but regular files, folders, and links that stay inside.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from .folders import temporary_folder
from .refusal import RefusalError, refusal_of

CHUNK = 1 << 18
_LONGEST_HEADER = 1 << 20
_HEADERS = (
    *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE),
    *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
)
# Names are bytes, and must survive whatever the locale of this machine is.
_NAMES: Any = {"encoding": "utf-8", "errors": "surrogateescape"}
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class Payload:
    """Reads the bytes that follow a request, and nothing beyond; computes their SHA-256."""

    def __init__(self, read: Callable[[int], bytes], size: int) -> None:
        self._read = read
        self._left = size
        self._hash = hashlib.sha256()

    def read(self, size: int = CHUNK) -> bytes:
        """Read up to `size` bytes; return none at the end. Raises `EOFError` if it comes early."""
        size = min(size, self._left)
        data = self._read(size) if size else b""
        if size and not data:
            raise EOFError
        self._left -= len(data)
        self._hash.update(data)
        return data

    def drain(self) -> None:
        """Skip the unread bytes, so that the next request can be read."""
        while self.read():
            pass

    def verify(self, sha256: str) -> None:
        """Read the rest, and refuse bytes other than those that were announced."""
        self.drain()
        if self._hash.hexdigest() != sha256:
            raise RefusalError("damaged", "the archive was damaged on its way")


def unpack(archive: Payload, target: Path, size: int, sha256: str) -> None:
    """Unpack a tar of at most `size` bytes, verify it, and only then give it its name."""
    folder = temporary_folder(target.parent)
    try:
        _extract(archive, folder, size)
        archive.verify(sha256)
        _rename(folder, target)
    except OSError as error:
        raise refusal_of(error) from error
    except (tarfile.TarError, ValueError, RecursionError) as error:
        # `tarfile` calls itself for each extended header, and a name may hold a zero byte.
        raise RefusalError("damaged", f"the archive cannot be unpacked: {error}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _rename(folder: Path, target: Path) -> None:
    """Give a complete folder its name; if another session was faster, keep the other folder."""
    try:
        folder.rename(target)
    except OSError:
        if not target.is_dir() or target.is_symlink():
            raise


class _Member(tarfile.TarInfo):
    """A header of an archive; a header that `tarfile` reads into memory has a maximum length."""

    def _proc_member(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type in _HEADERS and not 0 <= self.size <= _LONGEST_HEADER:
            raise tarfile.ReadError("a header is too long")
        found: tarfile.TarInfo = super()._proc_member(tar)  # type: ignore[misc]
        return found


def _extract(archive: Payload, folder: Path, size: int) -> None:
    links = []
    left = size
    source = cast(BinaryIO, archive)
    with tarfile.open(fileobj=source, mode="r|", tarinfo=_Member, **_NAMES) as tar:
        for member in tar:
            path = folder.joinpath(*_parts(member.name))
            left -= member.size
            if left < 0 or member.size < 0 or member.issparse():
                raise RefusalError("unsafe", "the archive holds more bytes than were announced")
            if member.issym():
                links.append((path, member.linkname))
            else:
                _create(tar, member, path)
    # Links come last, so that no file is written through a link.
    for path, destination in links:
        _link(path, destination, folder)
    # A later link may have moved the place where an earlier one leads.
    for path, _ in links:
        _refuse_escape(path, folder)


def _link(path: Path, destination: str, folder: Path) -> None:
    """Make a link, unless the folder around it is a link that leads out of the archive."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.parent != folder:
        _refuse_escape(path.parent, folder)
    path.symlink_to(destination)
    _refuse_escape(path, folder)


def _refuse_escape(path: Path, folder: Path) -> None:
    if not _stays_inside(path, folder):
        raise RefusalError("unsafe", f"the link `{path.name}` leads out of the archive")


def _parts(name: str) -> list[str]:
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or ".." in parts:
        raise RefusalError("unsafe", f"the archive holds the path `{name}`")
    return parts


def _create(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    # Only permissions of files are kept: neither set-user-ID bits nor owners.
    mode = member.mode & 0o777
    if member.isdir():
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(mode | stat.S_IRWXU)
    elif member.isreg():
        path.parent.mkdir(parents=True, exist_ok=True)
        source = tar.extractfile(member)
        assert source is not None, "a regular file has content"
        with os.fdopen(os.open(path, _CREATE, mode | stat.S_IWUSR), "wb") as file:
            shutil.copyfileobj(source, file, CHUNK)
            # After a power cut a folder with its final name must not hold half a file.
            file.flush()
            os.fsync(file.fileno())
    else:
        raise RefusalError("unsafe", f"`{member.name}` is neither a file nor a folder nor a link")


def _stays_inside(path: Path, folder: Path) -> bool:
    return os.path.realpath(path).startswith(os.path.realpath(folder) + os.sep)


class _Pieces:
    """Collects the bytes that `tarfile` writes, until they are taken."""

    def __init__(self) -> None:
        self._data = bytearray()

    def write(self, data: bytes) -> int:
        self._data += data
        return len(data)

    def take(self) -> bytes:
        data = bytes(self._data)
        self._data.clear()
        return data


def pack(folder: Path) -> Iterator[bytes]:
    """Pack a folder as a tar, in pieces; leave out entries that `unpack` would refuse."""
    pieces = _Pieces()
    with tarfile.open(fileobj=cast(BinaryIO, pieces), mode="w|", **_NAMES) as tar:
        for path in _walk(folder):
            name = path.relative_to(folder).as_posix()
            if path.is_symlink() and not _stays_inside(path, folder):
                continue
            yield from _pack_one(tar, path, name, pieces)
    yield pieces.take()


def _pack_one(tar: tarfile.TarFile, path: Path, name: str, pieces: _Pieces) -> Iterator[bytes]:
    tar.inodes = {}  # type: ignore[attr-defined] # a second name of a file is packed as a file
    found: tarfile.TarInfo | None = tar.gettarinfo(str(path), name)  # None for a socket
    if not found or not (found.isreg() or found.isdir() or found.issym()):
        return
    found.uid = found.gid = 0
    found.uname = found.gname = ""
    if not found.isreg():
        _append(tar, found.tobuf(tar.format, tar.encoding, tar.errors))
    else:
        with path.open("rb") as file:
            _append(tar, found.tobuf(tar.format, tar.encoding, tar.errors))
            for data in _exactly(found.size, file):
                _append(tar, data)
                yield pieces.take()
        _append(tar, bytes(-found.size % tarfile.BLOCKSIZE))
    yield pieces.take()


def _append(tar: tarfile.TarFile, data: bytes) -> None:
    # `TarFile.addfile` would copy a large file as a whole, before any of it is sent.
    assert tar.fileobj is not None, "the archive is open"
    tar.fileobj.write(data)
    tar.offset += len(data)


def _exactly(size: int, file: BinaryIO) -> Iterator[bytes]:
    """Read the bytes that the header of a file has announced, even if the file changes."""
    while size:
        data = file.read(min(CHUNK, size)) or bytes(min(CHUNK, size))
        yield data
        size -= len(data)


def _walk(folder: Path) -> Iterator[Path]:
    """Yield everything below a folder, each folder before its content; follow no link."""
    folders = [folder]
    while folders:
        for path in sorted(folders.pop().iterdir()):
            yield path
            if path.is_dir() and not path.is_symlink():
                folders.append(path)

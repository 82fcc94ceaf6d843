"""The archive of a folder: equal for equal files, small in memory, and never half of one file."""

import errno
import io
import os
import tarfile
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pytest

from sweepwright.runner_client import code_archive
from sweepwright.runner_client.code_archive import CodeError, pack
from sweepwright.runner_client.code_listing import scan
from tests.sweepwright.runner_client.folders import write

HASH = "5e743d8620065d1322360617cb9fed6cd75053625193e13321429860e322cfce"
"""Hash of the archive of what `fill` writes."""


class Packed(NamedTuple):
    hash: str
    data: bytes


def packed(folder: Path) -> Packed:
    with pack(scan(folder)) as archive:
        data = b"".join(archive.chunks())
        assert len(data) == archive.size
        assert sha256(data).hexdigest() == archive.hash
        return Packed(archive.hash, data)


def fill(folder: Path) -> Path:
    long = "/".join(["long" * 10] * 5)
    files: dict[str, str | bytes] = {
        "train.py": "print()\n",
        "é/ü.txt": "x",
        long: "y",
        "odd\n'$(name)": "z",
    }
    write(folder, files)
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o700)
    (folder / "logs").mkdir()
    (folder / "link").symlink_to("train.py")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff")).write_text("w")
    return folder


def test_the_same_files_give_the_same_hash_everywhere(tmp_path: Path) -> None:
    """The hash is that of Python 3.11 to 3.13; another one would send all code once more."""
    first, second = fill(tmp_path / "first"), fill(tmp_path / "second")
    os.utime(second / "train.py", (1, 1))
    (second / "train.py").chmod(0o664)

    assert packed(first) == packed(second)
    assert packed(first).hash == HASH


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "train.py").write_text("print(1)"),
        lambda folder: (folder / "train.py").chmod(0o755),
        lambda folder: (folder / "train.py").rename(folder / "test.py"),
        lambda folder: (folder / "logs").rmdir(),
        lambda folder: ((folder / "link").unlink(), (folder / "link").symlink_to("é")),
    ],
)
def test_any_change_changes_the_hash(tmp_path: Path, change: Callable[[Path], object]) -> None:
    before = packed(fill(tmp_path)).hash
    change(tmp_path)

    assert packed(tmp_path).hash != before


def test_everything_arrives_as_it_was(tmp_path: Path) -> None:
    folder = fill(tmp_path / "code")
    data = packed(folder).data
    with tarfile.open(fileobj=io.BytesIO(data), encoding="utf-8") as tar:
        tar.extractall(tmp_path / "there", filter="data")
    there = tmp_path / "there"

    assert scan(there).entries == tuple(
        replace(entry, source=entry.source and str(there / entry.path))
        for entry in scan(folder).entries
    )
    assert packed(there).hash == packed(folder).hash
    assert (there / "odd\n'$(name)").read_text() == "z"
    assert (there / "run.sh").stat().st_mode & 0o111


def test_memory_does_not_grow_with_the_files(tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(64 << 20)
    tracemalloc.start()
    try:
        with pack(scan(tmp_path)) as archive:
            read = sum(map(len, archive.chunks()))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert read > 64 << 20
    assert peak < 8 << 20


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (Path.unlink, "cannot read `b` while the code is packed: No such file or directory"),
        (
            lambda path: (path.unlink(), path.symlink_to("a")),
            "cannot read `b` while the code is packed: Too many levels of symbolic links",
        ),
        (
            lambda path: (path.unlink(), os.mkfifo(path)),
            "`b` changed while the code was packed",
        ),
    ],
)
def test_a_file_that_changes_before_it_is_packed_is_named(
    tmp_path: Path, change: Callable[[Path], object], said: str
) -> None:
    listing = scan(write(tmp_path, {"a": "1", "b": "2"}))
    change(tmp_path / "b")

    with pytest.raises(CodeError, match=f"^{said}$"):
        pack(listing)


def pack_while_it_changes(
    path: Path, change: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch
) -> bytes:
    """Change a file as soon as it has been opened to be packed."""
    listing = scan(path.parent)
    look = os.fstat
    looks: list[os.stat_result] = []

    def fstat(descriptor: int) -> os.stat_result:
        found = look(descriptor)
        if not looks:
            change(path)
        looks.append(found)
        return found

    monkeypatch.setattr(os, "fstat", fstat)
    with pack(listing) as archive:
        return b"".join(archive.chunks())


def rewrite(path: Path) -> None:
    path.write_text("4321")
    os.utime(path, (1, 1))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda path: path.write_text("1"), "while the code is packed: it became shorter"),
        (rewrite, "`b` changed while the code was packed"),
    ],
)
def test_a_file_that_changes_while_it_is_packed_is_named(
    tmp_path: Path,
    change: Callable[[Path], object],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write(tmp_path, {"b": "1234"})

    with pytest.raises(CodeError, match=said):
        pack_while_it_changes(tmp_path / "b", change, monkeypatch)


def test_a_log_that_grows_is_cut_where_it_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The output of the sweep itself may lie in the folder."""
    write(tmp_path, {"b": "1234"})

    def grow(path: Path) -> None:
        with path.open("a") as file:
            file.write("5678")

    data = pack_while_it_changes(tmp_path / "b", grow, monkeypatch)

    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        assert [member.size for member in tar] == [4]


def test_what_cannot_be_read_cannot_be_packed(tmp_path: Path) -> None:
    listing = replace(scan(tmp_path), faults={"a/b": "Permission denied"})

    with pytest.raises(CodeError, match=r"^cannot read `a/b`: Permission denied$"):
        pack(listing)


@pytest.mark.parametrize("call", ["create", "write"])
def test_a_full_disk_is_named(tmp_path: Path, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"a": "x"})

    class Full(io.BytesIO):
        def write(self, _: object) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def temporary_file() -> Full:
        if call == "create":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return Full()

    monkeypatch.setattr(code_archive, "TemporaryFile", temporary_file)

    with pytest.raises(CodeError, match=f"^cannot {call} a temporary file: No space left"):
        packed(tmp_path)

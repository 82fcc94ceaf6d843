"""Archives keep what they hold, and cannot reach beyond their folder."""

import hashlib
import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from sweepwright.runner.service.refusal import RefusalError
from sweepwright.runner.service.unpacking import Payload, pack, unpack


def unpacked(data: bytes, target: Path, size: int | None = None, sha256: str = "") -> None:
    payload = Payload(io.BytesIO(data).read, len(data))
    announced = len(data) if size is None else size
    unpack(payload, target, announced, sha256 or hashlib.sha256(data).hexdigest())


def archive(*members: tarfile.TarInfo) -> bytes:
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w") as tar:
        for member in members:
            tar.addfile(member, io.BytesIO(b"x" * member.size) if member.isreg() else None)
    return output.getvalue()


def member(name: str, **attributes: object) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    for key, value in attributes.items():
        setattr(info, key, value)
    return info


def link(name: str, target: str) -> tarfile.TarInfo:
    return member(name, type=tarfile.SYMTYPE, linkname=target)


def test_what_is_packed_is_unpacked(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "a b/$(c)").mkdir(parents=True)
    (source / "empty").mkdir()
    (source / "a b/$(c)/\udcff é\n").write_bytes(os.urandom(600_000))
    (source / "run.sh").write_text("#!/bin/sh\n")
    (source / "run.sh").chmod(0o755)
    (source / "second name").hardlink_to(source / "run.sh")
    (source / "link").symlink_to("a b/$(c)")
    (source / "out").symlink_to("/etc/passwd")
    os.mkfifo(source / "pipe")
    target = tmp_path / "deep/target"
    unpacked(b"".join(pack(source)), target)

    names = {path.relative_to(source).as_posix() for path in source.rglob("*")}
    found = {path.relative_to(target).as_posix() for path in target.rglob("*")}
    assert found == names - {"out", "pipe"}
    odd = "a b/$(c)/\udcff é\n"
    assert (target / odd).read_bytes() == (source / odd).read_bytes()
    assert (target / "run.sh").stat().st_mode & 0o777 == 0o755
    assert (target / "second name").read_text() == "#!/bin/sh\n"
    assert (target / "link").readlink() == Path("a b/$(c)")


@pytest.mark.parametrize(
    "members",
    [
        [member("/absolute", size=1)],
        [member("a/../../escaped", size=1)],
        [link("out", "/etc")],
        [link("out", "../..")],
        [member("deep", type=tarfile.DIRTYPE), link("deep/up", ".."), link("deep/out", "up/..")],
        [link("out", "/etc"), member("out/file", size=1)],
        [member("twice", size=1), member("twice", size=1)],
        [member("hard", type=tarfile.LNKTYPE, linkname="/etc/passwd")],
        [member("device", type=tarfile.CHRTYPE, devmajor=1, devminor=3)],
        [member("pipe", type=tarfile.FIFOTYPE)],
    ],
    ids=lambda members: members[-1].name.replace("/", "_"),
)
def test_an_archive_that_is_not_safe_is_refused_whole(
    tmp_path: Path, members: list[tarfile.TarInfo]
) -> None:
    target = tmp_path / "base/target"
    with pytest.raises(RefusalError):
        unpacked(archive(member("good", size=3), *members), target)

    assert list((tmp_path / "base").iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["base"]


def test_set_user_id_bits_are_dropped(tmp_path: Path) -> None:
    unpacked(archive(member("tool", size=1, mode=0o6755)), tmp_path / "target")

    assert (tmp_path / "target/tool").stat().st_mode & 0o7777 == 0o755


def test_more_bytes_than_announced_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusalError, match="more bytes than were announced"):
        unpacked(archive(member("large", size=5000)), tmp_path / "target", size=4999)


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def flip(data: bytes) -> bytes:
    return data[:600] + b"?" + data[601:]


@pytest.mark.parametrize("damage", [cut, flip, lambda _: b"no archive at all" * 100])
def test_a_damaged_archive_is_refused(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    whole = archive(member("file", size=5000))
    with pytest.raises(RefusalError) as caught:
        unpacked(damage(whole), tmp_path / "t", len(whole), hashlib.sha256(whole).hexdigest())

    assert caught.value.kind == "damaged"
    assert list(tmp_path.iterdir()) == []


def test_an_archive_that_stops_early_is_no_archive(tmp_path: Path) -> None:
    with pytest.raises(EOFError):
        unpack(Payload(io.BytesIO(b"").read, 10), tmp_path / "target", 10, "")


def test_no_link_is_made_through_a_link(tmp_path: Path) -> None:
    """The first link would be refused in the end, but the second was made in its target then."""
    outside = tmp_path / "outside"
    outside.mkdir()
    members = [link("a", str(outside)), link("a/planted", "/etc/passwd")]
    with pytest.raises(RefusalError, match="leads out"):
        unpacked(archive(*members), tmp_path / "base/target")

    assert list(outside.iterdir()) == []


def test_a_link_that_a_later_link_moves_is_refused(tmp_path: Path) -> None:
    outside = tmp_path / "base"
    members = [link("a", "b/../x"), link("b", "."), link("a/planted", "/etc/passwd")]
    with pytest.raises(RefusalError, match="leads out"):
        unpacked(archive(*members), outside / "target")

    assert list(outside.iterdir()) == []


def extended(size: int, kind: bytes) -> bytes:
    return member("x", type=kind, size=size).tobuf(tarfile.GNU_FORMAT, "utf-8", "strict")


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.XGLTYPE])
def test_a_header_that_would_fill_the_memory_is_refused(tmp_path: Path, kind: bytes) -> None:
    data = extended(1 << 40, kind) + bytes(1 << 20)
    with pytest.raises(RefusalError, match="header is too long"):
        unpacked(data, tmp_path / "base/target", 1 << 41)


@pytest.mark.parametrize(
    "data",
    [
        b"".join(extended(0, tarfile.XHDTYPE) for _ in range(3000)),
        extended(30, tarfile.XHDTYPE) + b"30 path=a\0b".ljust(512, b"x"),
        extended(-512, tarfile.REGTYPE) + bytes(1024),
        archive(member("x" * 300, size=1)),
        archive(member("long/" * 2000 + "x", size=1)),
        os.urandom(4096),
    ],
    ids=["nested headers", "zero byte", "negative size", "long name", "long path", "noise"],
)
def test_a_malformed_archive_is_refused_in_one_line(tmp_path: Path, data: bytes) -> None:
    target = tmp_path / "base/target"
    with pytest.raises(RefusalError):
        unpacked(data, target)

    assert list((tmp_path / "base").iterdir()) == []

"""What a process prints is read to the last byte, while the space of what was read is freed."""

import os
import random
import time
from pathlib import Path

import pytest

from sweepwright.runner.pod import output_tail
from sweepwright.runner.pod.output_tail import CHUNK, OutputTail

LIMIT = 1 << 18


def read_all(tail: OutputTail) -> bytes:
    data = b""
    while piece := tail.read():
        data += piece
    return data


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of a file with output."""
    return tmp_path / "main-0.stdout"


def test_complete_lines_are_read_as_soon_as_they_are_there(path: Path) -> None:
    tail = OutputTail(str(path))

    assert tail.read() == b""
    path.write_bytes(b"one\ntwo\nthr")
    assert tail.read() == b"one\ntwo\n"
    assert tail.read() == b""
    with path.open("ab") as file:
        file.write(b"ee\n")
    assert tail.read() == b"three\n"


def test_an_unfinished_line_waits_for_a_while(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    path.write_bytes(b"50 %\r")
    tail = OutputTail(str(path))

    assert tail.read() == b""
    now[0] += output_tail.STALE_SECONDS
    assert tail.read() == b"50 %\r"


def test_the_rest_is_read_at_the_end(path: Path) -> None:
    path.write_bytes(b"one\nrest")
    tail = OutputTail(str(path))

    assert tail.read(final=True) + tail.read(final=True) == b"one\nrest"


def test_a_line_without_end_is_read_in_pieces(path: Path) -> None:
    path.write_bytes(b"x" * (3 * CHUNK))

    assert len(read_all(OutputTail(str(path)))) == 3 * CHUNK


def test_a_file_that_was_emptied_is_read_from_its_beginning(path: Path) -> None:
    path.write_bytes(b"one\n")
    tail = OutputTail(str(path))
    assert tail.read() == b"one\n"
    os.truncate(path, 0)
    assert tail.read() == b""
    with path.open("ab") as file:
        file.write(b"2\n")

    assert tail.read() == b"2\n"


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_only_an_ordinary_file_is_read(path: Path, tmp_path: Path, kind: str) -> None:
    other = tmp_path / "other"
    other.write_text("secret\n")
    if kind == "link":
        path.symlink_to(other)
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()

    assert OutputTail(str(path)).read(final=True) == b""


@pytest.mark.parametrize("disk", ["with holes", "without holes"])
def test_all_is_read_though_the_space_is_freed(
    path: Path, monkeypatch: pytest.MonkeyPatch, disk: str
) -> None:
    if disk == "without holes":
        monkeypatch.setattr(output_tail, "punch_hole", lambda *_: False)
    rng = random.Random(1)  # noqa: S311 - it guards nothing
    tail = OutputTail(str(path), LIMIT)
    written, read = b"", b""
    for number in range(400):
        line = b"%d " % number * rng.randrange(1, 2000) + b"\n"
        with path.open("ab") as file:
            file.write(line)
        written += line
        read += read_all(tail)
        assert path.stat().st_blocks * 512 <= 1.5 * LIMIT

    assert len(written) > 5 * LIMIT
    assert read == written
    kept = path.read_bytes()
    assert kept[: LIMIT // 4] == written[: LIMIT // 4]
    assert kept[-LIMIT // 8 :] == written[-LIMIT // 8 :]


def test_what_was_not_read_is_never_freed(path: Path) -> None:
    text = b"".join(b"%08d\n" % number for number in range(200_000))
    path.write_bytes(text)

    assert read_all(OutputTail(str(path), LIMIT)) == text

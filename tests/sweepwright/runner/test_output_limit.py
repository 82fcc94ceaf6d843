"""Of output that grows too long, head and tail are kept, and the processes write on."""

import os
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sweepwright.runner.output_limit import shorten

NOTE = re.compile(rb"\n\[sweepwright dropped ([\d,]+) bytes here, because .*\]\n")


def dropped_of(path) -> int:
    """Return the number of dropped bytes that a file names."""
    [said] = NOTE.findall(path.read_bytes())
    return int(said.replace(b",", b""))


@given(appended=st.lists(st.integers(1, 20_000), min_size=1, max_size=6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_head_and_tail_are_kept_and_the_middle_is_counted(tmp_path, appended: list[int]) -> None:
    path, limit, written, dropped = tmp_path / "main-0.stdout", 1 << 12, b"", 0
    path.write_bytes(b"")
    for length in appended:
        text = b"".join(b"%08d" % number for number in range(length))
        written += text
        with path.open("ab") as file:
            file.write(text)
        if path.stat().st_size > limit + 100:
            dropped = shorten(str(path), limit, dropped)
            kept = path.read_bytes()
            head, tail = NOTE.sub(b"\0", kept).split(b"\0")

            assert len(kept) <= limit
            assert written.startswith(head)
            assert written.endswith(tail)
            assert len(tail) == limit // 4
            assert dropped == dropped_of(path)
    held = len(NOTE.sub(b"", path.read_bytes()))
    assert held + dropped == len(written)


def test_what_is_appended_later_lands_behind_the_tail(tmp_path) -> None:
    path = tmp_path / "main-0.stdout"
    writer = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(writer, b"x" * 10_000)
    shorten(str(path), 1 << 12, 0)
    os.write(writer, b"later")
    os.close(writer)

    assert path.read_bytes().endswith(b"xlater")


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_only_a_plain_file_is_shortened(tmp_path, kind: str) -> None:
    """A trial may replace its output; what it put there is not ours."""
    path, other = tmp_path / "main-0.stdout", tmp_path / "other"
    other.write_bytes(b"x" * 10_000)
    if kind == "link":
        path.symlink_to(other)
        with pytest.raises(OSError, match="symbolic links"):
            shorten(str(path), 1 << 12, 0)
    else:
        os.mkfifo(path)
        assert shorten(str(path), 1 << 12, 0) == 0

    assert other.stat().st_size == 10_000

"""Lines are assembled from any pieces."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweepwright.plugins.platforms.local.report_pipe import CHUNK, MAX_LINE, ReportPipe


def read_all(pieces):
    """Write pieces, read after each, and drain the rest."""
    reports = ReportPipe()
    writer = reports.take_writer()
    lines: list[str] = []
    for piece in pieces:
        for start in range(0, len(piece), CHUNK):
            os.write(writer, piece[start : start + CHUNK])
            lines += reports.read()
    os.close(writer)
    lines += reports.drain()
    reports.close()
    return lines


@given(st.lists(st.binary(max_size=20)))
def test_lines_do_not_depend_on_chunks(pieces) -> None:
    *ended, rest = b"".join(pieces).decode(errors="replace").split("\n")

    # A piece may end within a character, but a line never does.
    assert "\n".join(read_all(pieces)) == "\n".join([*ended, rest] if rest else ended)


def test_a_line_too_long_is_cut_off_once_and_the_next_is_complete() -> None:
    lines = read_all([b"a\n", b"[" * (3 * MAX_LINE), b"]\n", b"b\n"])

    assert [lines[0], lines[2]] == ["a", "b"]
    assert len(lines) == 3
    assert lines[1].startswith("[[[")
    assert lines[1].endswith("…")
    assert len(lines[1]) < 1000


def test_a_line_without_an_end_is_cut_off() -> None:
    assert len(read_all([b"[" * (2 * MAX_LINE)])) == 1


def test_one_read_takes_one_chunk() -> None:
    reports = ReportPipe()
    writer = reports.take_writer()
    os.write(writer, b"x\n" * (CHUNK // 2))
    read = list(reports.read())

    assert len(read) == CHUNK // 2
    assert list(reports.read()) == []
    assert not reports.ended
    os.close(writer)
    assert list(reports.read()) == []
    assert reports.ended
    reports.close()


def test_a_writer_that_was_never_taken_is_closed_too() -> None:
    reports = ReportPipe()
    reader, writer = reports.fileno(), reports._writer
    assert writer is not None
    reports.close()
    reports.close()

    for descriptor in (reader, writer):
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(descriptor)

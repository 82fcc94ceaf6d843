"""Lines are assembled from any pieces, and the pipe leaves nothing behind."""

import os
import stat
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sweepwright.protocol import TrialLine, read_line, write_line
from sweepwright.runner.report_fifo import CHUNK, ReportFifo, SpareFifos
from sweepwright.trial import LONGEST_LINE


@pytest.fixture
def fifo(tmp_path) -> Iterator[ReportFifo]:
    fifo = ReportFifo(tmp_path / "reports" / "s-0-1")
    yield fifo
    fifo.close()


def read_all(fifo, pieces):
    """Write pieces, read after each, and drain the rest."""
    lines: list[str] = []
    for piece in pieces:
        for start in range(0, len(piece), CHUNK):
            os.write(fifo.fileno(), piece[start : start + CHUNK])
            lines += fifo.read()
    return [*lines, *fifo.drain()]


@given(st.lists(st.binary(max_size=20)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_lines_do_not_depend_on_chunks(fifo, pieces) -> None:
    *ended, rest = b"".join(pieces).decode(errors="replace").split("\n")

    # A piece may end within a character, but a line never does.
    assert "\n".join(read_all(fifo, pieces)) == "\n".join([*ended, rest] if rest else ended)


def test_a_line_too_long_is_cut_off_once_and_the_next_is_complete(fifo) -> None:
    lines = read_all(fifo, [b"a\n", b"[" * (3 * LONGEST_LINE), b"]\n", b"b\n"])

    assert [lines[0], lines[2]] == ["a", "b"]
    assert len(lines) == 3
    assert lines[1].startswith("[[[")
    assert lines[1].endswith("…")
    assert len(lines[1]) < 1000


def test_the_report_after_a_long_line_without_an_end_is_whole(fifo) -> None:
    """A process that is killed while it writes leaves the beginning of a line."""
    begun = b'{"sweepwright": 1, "metrics": {"' + b"x" * (LONGEST_LINE - 100)
    report = write_line(TrialLine(1, "main", 0, 0, final=True, metrics={"default": 1.0}))
    first, last = read_all(fifo, [begun, report.encode() + b"\n"])

    assert read_line(first) is None
    assert read_line(last) == read_line(report)


@pytest.mark.parametrize("length", [LONGEST_LINE, LONGEST_LINE + 1])
def test_the_longest_line_is_read_whole(fifo, length: int) -> None:
    [line] = read_all(fifo, [b"x" * length + b"\n"])

    assert (len(line) == length) is (length == LONGEST_LINE)


def test_a_line_without_an_end_is_cut_off(fifo) -> None:
    assert len(read_all(fifo, [b"[" * (2 * LONGEST_LINE)])) == 1


def test_one_read_takes_one_chunk(fifo) -> None:
    os.write(fifo.fileno(), b"x\n" * (CHUNK // 2))

    assert len(list(fifo.read())) == CHUNK // 2
    assert list(fifo.read()) == []


def test_only_the_user_may_open_the_pipe_and_it_is_removed_at_the_end(tmp_path) -> None:
    path = tmp_path / "reports" / "s-0-1"
    fifo = ReportFifo(path)
    descriptor = fifo.fileno()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.is_fifo()
    fifo.close()
    fifo.close()
    assert not path.exists()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_a_pipe_that_a_killed_driver_left_is_replaced(tmp_path) -> None:
    path = tmp_path / "s-0-1"
    os.mkfifo(path)
    left = path.stat()
    fifo = ReportFifo(path)

    assert path.stat().st_ino != left.st_ino or path.stat().st_ctime_ns != left.st_ctime_ns
    fifo.close()


def test_a_spare_pipe_is_used_again_once_enough_others_wait(tmp_path) -> None:
    spares = SpareFifos()
    ended = [spares.make(tmp_path / "reports" / f"s-{number}-1") for number in range(17)]
    inodes = [fifo.path.stat().st_ino for fifo in ended]
    os.write(ended[0].fileno(), b"what nobody has read")
    for fifo in ended:
        spares.take_back(fifo)
    again, fresh = (spares.make(tmp_path / "reports" / name) for name in ("again", "fresh"))

    assert (again.path.stat().st_ino, fresh.path.stat().st_ino in inodes) == (inodes[0], False)
    assert not ended[0].path.exists()
    assert list(again.drain()) == []
    again.close()
    fresh.close()


def test_spare_pipes_can_be_removed(tmp_path) -> None:
    spares = SpareFifos()
    spares.take_back(spares.make(tmp_path / "reports" / "s-0-1"))
    spares.remove()

    assert list((tmp_path / "reports").iterdir()) == []


def test_a_spare_pipe_that_somebody_removed_is_made_anew(tmp_path) -> None:
    spares = SpareFifos()
    for number in range(17):
        spares.take_back(spares.make(tmp_path / "reports" / f"s-{number}-1"))
    for path in (tmp_path / "reports").iterdir():
        path.unlink()
    fifo = spares.make(tmp_path / "reports" / "s-17-1")

    assert fifo.path.is_fifo()
    fifo.close()

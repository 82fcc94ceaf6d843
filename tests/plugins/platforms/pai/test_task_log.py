"""A log is put together from its ends, whatever the log server adds and leaves out."""

import json
from typing import Any

import pytest

from sweepwright.plugins.platforms.pai.task_log import covers, without_breaks
from sweepwright.testing.openpai.task_logs import read_log, rotate_log


def line(number: int, text: int, event: str = "output", run: str = "r") -> bytes:
    record = {"run": run, "time": 0, "text": text, "event": event}
    return b'{"sweepwright_record":%d,%s\n' % (number, json.dumps(record)[1:].encode())


def position(at: int, text: int, run: str = "r") -> Any:
    return {"run": run, "at": at, "text": text, "time": 0.0}


@pytest.mark.parametrize("size", [0, 1, 8191, 8192, 8193, 16384, 40_000])
@pytest.mark.parametrize("fill", [b"x", b"\n", b"ab\n"])
def test_added_line_breaks_are_removed(tmp_path: Any, size: int, fill: bytes) -> None:
    data = (fill * size)[:size]
    (tmp_path / "stdout").write_bytes(data)

    assert without_breaks(read_log(tmp_path, "stdout", tail=False)) == data
    assert without_breaks(read_log(tmp_path, "stdout", tail=True)) == data[-16384:]


@pytest.mark.parametrize(
    ("data", "at", "text", "covered"),
    [
        (line(4, 100), 3, 100, True),
        (line(4, 100), 4, 200, True),
        (line(5, 100), 3, 100, False),  # the record 4 is missing
        (line(4, 100), 3, 99, False),  # a byte of text is missing
        (line(4, 100, "mark"), 4, 100, True),
        (line(4, 100, "mark"), 3, 100, False),  # the record 4 stands before the mark
        (b"rest of a line\n" + line(4, 100), 3, 100, True),
        (line(4, 100, run="other"), 3, 100, False),
        (b"no record at all\n", 3, 100, False),
        (line(4, 100)[:-10], 3, 100, False),
        (b"", 0, 0, False),
    ],
)
def test_the_end_of_a_log_is_enough_if_nothing_is_missing_before_it(
    data: bytes, at: int, text: int, covered: object
) -> None:
    assert covers(data, position(at, text)) is covered


def test_a_rotated_log_has_two_parts(tmp_path: Any) -> None:
    (tmp_path / "stdout").write_bytes(b"0123456789")
    rotate_log(tmp_path, keep=3)

    assert read_log(tmp_path, "stdout.1", tail=False) == b"0123456\n"
    assert read_log(tmp_path, "stdout", tail=False) == b"789\n"

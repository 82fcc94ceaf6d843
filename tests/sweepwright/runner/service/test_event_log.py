"""The log of a daemon: what is written is found again, and nothing is lost that is not."""

import errno
import os
from pathlib import Path

import pytest

from sweepwright.runner.service import event_log
from sweepwright.runner.service.event_log import NAME, EventLog, read_marks


def accepted(job: str) -> dict[str, str]:
    return {"event": "accepted", "job": job}


def ended(job: str) -> dict[str, object]:
    return {"event": "ended", "job": job, "failure": None}


def test_records_are_read_from_any_offset(tmp_path: Path) -> None:
    log = EventLog(tmp_path)
    log.append(accepted("a"))
    log.append(accepted("b"))
    _header, first, second = log.flush()

    assert [record.event for record in log.read(first.end)] == [accepted("b")]
    assert log.read(second.end) == []
    assert second.end == log.size == (tmp_path / NAME).stat().st_size


def test_nothing_counts_before_it_is_flushed(tmp_path: Path) -> None:
    log = EventLog(tmp_path)
    log.append(accepted("a"))

    assert log.read(0) == []


def test_a_later_daemon_finds_jobs_offsets_id_and_mark(tmp_path: Path) -> None:
    log = EventLog(tmp_path)
    for event in (accepted("a"), accepted("b"), ended("a")):
        log.append(event)
    log.flush()
    log.close()
    again = EventLog(tmp_path)

    assert (again.id, again.session, again.jobs) == (log.id, log.session, log.jobs)
    assert again.unended == ["b"]
    assert read_marks(tmp_path) == [log.session]


def test_a_torn_record_is_cut_off(tmp_path: Path) -> None:
    log = EventLog(tmp_path)
    log.append(accepted("a"))
    log.flush()
    log.close()
    with (tmp_path / NAME).open("ab") as file:
        file.write(b'{"event":"ended","jo')
    again = EventLog(tmp_path)
    again.append(ended("a"))
    again.flush()

    assert again.unended == []
    assert [record.event for record in again.read(log.size)] == [ended("a")]


def test_a_damaged_line_hides_no_other(tmp_path: Path) -> None:
    log = EventLog(tmp_path)
    log.append(accepted("a"))
    log.flush()
    log.close()
    with (tmp_path / NAME).open("ab") as file:
        file.write(b"\0\0\0\n[]\n" + b'{"event":"ended","job":"a","failure":null}\n')

    assert EventLog(tmp_path).unended == []


def test_offsets_are_void_after_the_machine_has_started_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = EventLog(tmp_path)
    log.append(accepted("a"))
    log.flush()
    log.close()
    boot = tmp_path / "boot"
    boot.write_text("another\n")
    monkeypatch.setattr(event_log, "_BOOT", boot)
    again = EventLog(tmp_path)
    again.flush()
    again.close()
    third = EventLog(tmp_path)

    assert again.id != log.id
    assert again.session == log.session
    assert (third.id, third.jobs) == (again.id, log.jobs)


def test_a_refused_name_begins_anew(tmp_path: Path) -> None:
    log = EventLog(tmp_path)
    log.append(accepted("a"))
    log.append({"event": "refused", "job": "a", "reason": "no"})
    known = dict(log.jobs)
    log.flush()
    start = log.size
    log.append(accepted("a"))

    assert known == {}
    assert log.jobs["a"].start == start


def test_records_wait_for_space_and_keep_their_offsets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk takes five more bytes, and is full then."""
    log = EventLog(tmp_path)
    log.flush()
    room = [5]

    def write(file: int, data: bytes) -> int:
        taken = min(room[0], len(data))
        room[0] -= taken
        if not taken:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return really_write(file, data[:taken])

    really_write = os.write
    log.append(accepted("a"))
    log.append(accepted("b"))
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", write)
        none = log.flush()
    trouble = log.trouble
    written = log.flush()

    assert none == []
    assert trouble == "No space left on device"
    assert log.trouble == ""
    assert [record.event["job"] for record in written] == ["a", "b"]
    assert [record.event for record in log.read(written[0].end)] == [accepted("b")]

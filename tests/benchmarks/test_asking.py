"""The figures of a timed sweep follow from its journal and from the record of its driver."""

from pathlib import Path

import pytest

from benchmarks.asking import asking_after, in_ms, longest
from benchmarks.slots.figures import (
    Ask,
    Spans,
    asks_of,
    delays_during,
    idle_share,
    lost_to_asking,
    pauses_of,
    read_notes,
)

RECORD = """\
10.0 asks 0
10.5 asked 2
10.6 polls 0
11.6 polled 0
11.7 asks 0
11.8 polls 0
12.0 polled 0
12.1 asks 0
12.2 asked 1
12.5 polls 0
13"""


@pytest.fixture
def record(tmp_path: Path) -> Path:
    path = tmp_path / "record"
    path.write_text(RECORD)
    return path


def test_asks_that_open_nothing_are_left_out(record: Path) -> None:
    assert asks_of(read_notes(record)) == [Ask(10.0, 10.5, 2), Ask(12.1, 12.2, 1)]


def test_the_driver_is_away_between_two_polls(record: Path) -> None:
    assert pauses_of(read_notes(record)) == pytest.approx([0.2, 0.5])


def test_an_ask_loses_the_time_of_the_slots_that_it_fills() -> None:
    asks = [Ask(0.0, 0.5, 2), Ask(3.0, 3.5, 1), Ask(9.9, 10.0, 1)]

    assert lost_to_asking(asks, 4) == pytest.approx((2 * 0.5 + 0.5 + 0.1) / 40)


def test_slots_are_idle_from_an_end_to_the_next_opening() -> None:
    opened, ended = {0: 0.0, 1: 0.0, 2: 5.0, 3: 10.0}, {0: 4.0, 1: 10.0, 2: 10.0, 3: 12.0}

    assert idle_share(Spans(opened, ended, []), 2) == pytest.approx(1 / 20)


def test_reports_that_arrive_during_an_ask_have_a_delay() -> None:
    reports = [(0.5, 0.6), (2.2, 3.5), (3.5, 3.6), (5.0, 5.9)]
    asks = [Ask(2.0, 3.0, 1), Ask(4.0, 5.0, 1)]

    assert list(delays_during(Spans({}, {}, reports), asks)) == pytest.approx([1.3, 0.9])


def test_ctrl_c_is_sent_during_an_ask(record: Path) -> None:
    assert not asking_after(record.with_name("missing"), 0)
    assert not asking_after(record, 3)
    record.write_text(RECORD.rpartition("12.2")[0])
    assert asking_after(record, 2)
    assert not asking_after(record, 3)


def test_times_are_rendered_in_milliseconds() -> None:
    assert in_ms([0.001, 0.002, 0.3]) == "median 2.0 ms, at most 300.0 ms"
    assert in_ms([]) == "none"


def test_the_longest_asks_are_named_by_the_trials_that_they_opened() -> None:
    asks = [Ask(0, 0.1, 8), Ask(1, 1.5, 2), Ask(2, 2.2, 1)]

    assert longest(asks, 2) == "500 ms (trial 8), 200 ms (trial 10)"

"""Whatever a trial prints and however its log is read, each event and each byte arrives once."""

import json
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from sweepwright.runner.pod.log_writer import (
    LONGEST_LINE,
    REPEAT_BYTES,
)
from sweepwright.runner_client.pods.log_reader import Gap, Item, LogReader
from tests.sweepwright.runner_client.pods.written_logs import (
    Log,
    assert_complete,
    events_of,
    gaps_of,
    read,
    rotated,
    written,
)


@given(st.integers(0, 10**9))
@settings(max_examples=40)
def test_every_log_is_read_exactly(seed: int) -> None:
    log = written(seed)
    rng = random.Random(seed)  # noqa: S311 - as above

    assert max(map(len, bytes(log.data).split(b"\n"))) <= LONGEST_LINE + 1
    reader = LogReader()
    assert_complete([*read(reader, bytes(log.data), rng), *reader.finish()], log)


@given(st.integers(0, 10**9))
@settings(max_examples=40)
def test_after_a_break_at_any_place_nothing_is_lost_or_doubled(seed: int) -> None:
    log = written(seed)
    rng = random.Random(seed)  # noqa: S311 - as above
    reader = LogReader()
    items: list[Item] = []
    data = bytes(log.data)
    for _ in range(3):
        items += read(reader, data[: rng.randrange(len(data) + 1)], rng)
        if rng.randrange(2):
            reader.start()
        else:
            reader = LogReader(json.loads(json.dumps(reader.position)))
        data = log.since(reader.since)
    items += [*read(reader, data, rng), *reader.finish()]

    assert_complete(items, log)


def test_events_that_were_rotated_away_are_read_where_they_are_repeated() -> None:
    log = Log()
    for number in range(10):
        log.record(str(number))
    log.print(b"x\n" * (REPEAT_BYTES // 2))
    log.record("late")
    reader = LogReader()
    items = reader.feed(rotated(log, before_end=3000))

    assert events_of(items) == [*map(str, range(10)), "late"]
    assert [gap.events for gap in gaps_of(items)] == [0]


def test_events_after_a_gap_wait_until_the_missing_ones_are_repeated() -> None:
    log = Log()
    for number in range(3):
        log.record(str(number))
    log.print(b"x\n" * (1 << 17))
    middle = len(log.data)
    log.record("3")
    ahead = len(log.data)
    log.end()
    reader = LogReader()
    items = reader.feed(bytes(log.data[middle:ahead]))
    position = reader.position

    assert events_of(items) == []
    assert position["at"] == 0
    assert events_of(reader.feed(bytes(log.data[ahead:]))) == ["0", "1", "2", "3", "end"]
    assert events_of(LogReader(position).feed(bytes(log.data[middle:]))) == [
        *("0", "1", "2", "3", "end")
    ]


def test_what_is_lost_for_good_is_counted() -> None:
    log = Log()
    log.record("0")
    log.record("1")
    log.print(b"12345\n")
    log.record("2")
    start = len(log.data)
    log.print(b"rest\n")
    log.end()
    reader = LogReader()
    items = [*reader.feed(bytes(log.data[start:])), *reader.finish()]

    assert gaps_of(items) == [Gap(0, 6), Gap(3, 0)]
    assert events_of(items) == ["end"]
    assert str(Gap(3, 6)) == (
        "the log of the pod lacks 3 events and 6 bytes of output: "
        "it was rotated before it was read"
    )


def test_a_log_that_ends_without_an_end_gives_what_it_has() -> None:
    log = Log()
    log.record("0")
    start = len(log.data)
    log.record("1")
    log.record("2")
    reader = LogReader()

    assert reader.feed(bytes(log.data[start:-1])) == []
    items = reader.finish()
    assert gaps_of(items) == [Gap(1, 0)]
    assert events_of(items) == ["1"]


def test_the_log_is_read_again_from_before_the_last_record() -> None:
    log = Log()
    reader = LogReader()
    assert reader.since is None
    reader.feed(bytes(log.data))

    assert reader.since is not None
    assert reader.since < log.clock

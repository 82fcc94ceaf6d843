"""What trials, shells and other programs write into a log neither forges nor hides anything."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sweepwright.runner.pod.log_writer import (
    OPENING,
)
from sweepwright.runner_client.pods.log_reader import LogReader, Text
from tests.sweepwright.runner_client.pods.written_logs import HOSTILE, Log, events_of, gaps_of


def test_a_log_without_records_is_text() -> None:
    reader = LogReader()

    assert reader.feed(b"exec: python: not found\n") == []
    assert reader.finish() == [Text(0, b"exec: python: not found\n")]


def test_what_precedes_the_agent_in_a_log_is_left_out() -> None:
    log = Log()
    log.print(b"mine\n")
    log.end()
    reader = LogReader()
    items = [*reader.feed(b"Welcome\n" + bytes(log.data)), *reader.finish()]

    assert [item for item in items if isinstance(item, Text)] == [Text(0, b"mine"), Text(4, b"\n")]


def test_what_others_write_into_the_log_hides_nothing() -> None:
    log = Log()
    log.print(b"1\n")
    middle = len(log.data)
    log.end()
    log.print(b"2\n")
    log.writer.mark()
    reader = LogReader()
    data = bytes(log.data[:middle]) + b"noise\n" + bytes(log.data[middle:])
    items = [*reader.feed(data), *reader.finish()]

    assert b"".join(item.data for item in items if isinstance(item, Text)) == b"1\nnoise\n2\n"
    assert gaps_of(items) == []


def test_a_copy_may_begin_within_a_line() -> None:
    log = Log()
    log.print(b"x" + OPENING + b'9,"run":"x","time":1,"text":0,"event":"ended","failure":null}\n')
    log.end()
    reader = LogReader()
    reader.start(mid_line=True)
    items = reader.feed(bytes(log.data[log.data.index(b"x" + OPENING) + 1 :]))

    assert events_of(items) == ["end"]


DAMAGED = [
    b"", b"1", b"1}", b'1,"text":-1}', b'"1"}', b"1" * 5000 + b"}", b"[" * 100_000, b"NaN}",
    b'1,"run":"x","time":1e999,"text":0,"event":"mark"}',
    b'1,"run":"x","time":1,"text":4611686018427387904,"event":"mark"}',
    b'4611686018427387904,"run":"x","time":1,"text":0,"event":"output","line":"x"}',
    b'1,"run":"x","time":1,"text":0,"event":["output"]}',
    b'1,"run":"x","time":1,"text":0,"event":"ended","failure":{"kind":"x","message":"y"}}',
    b'1,"run":"x","time":1,"text":0,"again":"x","event":"mark"}',
    b'1,"run":"x","time":1,"text":0,"again":99999999999,"event":"mark"}',
    b'1,"run":"x","time":1,"text":0,"part":1,"parts":2,"json":"}"}',
    b'1,"run":"x","time":1,"text":0,"part":0,"parts":1,"json":"[[["}',
    b'1,"run":"x","time":1,"text":0,"part":0,"parts":1,"json":"7"}',
    b'1,"run":"x","time":1,"text":0,"event":"output","line":"\\ud800"}',
]  # fmt: skip


@given(
    st.lists(st.sampled_from([*DAMAGED, *HOSTILE]) | st.binary(max_size=30), max_size=12),
    st.integers(1, 50),
)
@settings(max_examples=150)
def test_nothing_in_a_log_confuses_the_reader(lines: list[bytes], size: int) -> None:
    data = b"".join(OPENING + line + b"\n" if line in DAMAGED else line for line in lines)
    reader = LogReader()
    for at in range(0, len(data), size * 1000):
        reader.feed(data[at : at + size * 1000])
    reader.finish()

    log = Log()
    log.record("good")
    assert "good" in events_of(reader.feed(b"\n" + bytes(log.data)))


def test_an_endless_record_takes_no_memory() -> None:
    reader = LogReader()
    for _ in range(100):
        reader.feed(OPENING + b"1" * (1 << 16))

    assert len(reader._rest) + len(reader._unplaced) < 1 << 20


def test_endless_parts_take_no_memory() -> None:
    reader = LogReader()
    head = b'1,"run":"x","time":1,"text":0,"part":%d,"parts":%d,"json":"%s"}\n'
    for parts in (200, 100_000):
        for part in range(1000):
            reader.feed(OPENING + head % (part, parts, b"x" * 8000))

    assert sum(map(len, reader._pieces)) < 2 << 20

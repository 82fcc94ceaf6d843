"""A driver gets each record once and in order, however fast it reads."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sweepwright.runner.service.attached_client import AttachedClient
from sweepwright.runner.service.event_log import EventLog

LONG = "x" * 50_000


class Wire:
    """A client whose driver reads when it is told to."""

    def __init__(self, folder: Path) -> None:
        self.log = EventLog(folder)
        source, self._driver_writes = os.pipe()
        self._driver_reads, sink = os.pipe()
        os.set_blocking(self._driver_reads, False)
        self.client = AttachedClient(source, sink, self.log)
        self._arrived = b""

    def record(self, **event: Any) -> int:
        self.log.append(event)
        written = self.log.flush()
        self.client.on_written(written)
        self.client.flush()
        return written[-1].end

    def say(self, data: bytes) -> None:
        os.write(self._driver_writes, data)

    def hang_up(self) -> None:
        os.close(self._driver_writes)
        os.close(self._driver_reads)

    def read_all(self) -> list[dict[str, Any]]:
        while True:
            unsent = self.client.flush()
            try:
                self._arrived += os.read(self._driver_reads, 1 << 20)
            except BlockingIOError:
                if not unsent:
                    return [json.loads(line) for line in self._arrived.splitlines()]


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    wire = Wire(tmp_path)
    yield wire
    wire.client.close()


def numbers(wire: Wire, job: str) -> list[int]:
    return [m["number"] for m in wire.read_all() if m["job"] == job and "number" in m]


def begin(wire: Wire, *jobs: str) -> None:
    for job in jobs:
        wire.record(event="accepted", job=job)


def test_only_followed_jobs_are_sent(wire: Wire) -> None:
    begin(wire, "a", "b")
    wire.client.follow({"b": wire.log.size})
    wire.record(event="output", job="a", number=1)
    end = wire.record(event="output", job="b", number=2)

    assert wire.read_all() == [{"at": end, "event": "output", "job": "b", "number": 2}]


def test_a_driver_that_does_not_read_costs_no_memory_and_misses_nothing(wire: Wire) -> None:
    begin(wire, "a")
    wire.client.follow({"a": wire.log.size})
    for number in range(200):
        wire.record(event="output", job="a", number=number, line=LONG)
    kept = len(wire.client._unsent)

    assert kept < 3 << 20
    assert numbers(wire, "a") == list(range(200))


def test_a_driver_that_has_caught_up_is_served_from_memory_again(wire: Wire) -> None:
    test_a_driver_that_does_not_read_costs_no_memory_and_misses_nothing(wire)
    wire.record(event="output", job="a", number=200)

    assert wire.client._position is None
    assert numbers(wire, "a") == list(range(201))


def test_adopted_jobs_are_sent_from_their_offsets_and_others_once(wire: Wire) -> None:
    begin(wire, "a", "b")
    offsets = [wire.record(event="output", job="a", number=number) for number in range(4)]
    wire.client.follow({"b": wire.log.size})
    wire.record(event="output", job="b", number=0)
    wire.client.follow({"a": offsets[1]})
    wire.record(event="output", job="b", number=1)
    wire.record(event="output", job="a", number=4)

    assert numbers(wire, "a") == [2, 3, 4]
    assert numbers(wire, "b") == [0, 1]


def test_a_job_that_was_refused_before_is_sent_from_its_latest_launch(wire: Wire) -> None:
    begin(wire, "a")
    wire.record(event="refused", job="a", reason="no")
    begin(wire, "a")
    wire.client.follow({"a": 0})

    assert [message["event"] for message in wire.read_all()] == ["accepted"]


def test_messages_are_received_whole(wire: Wire) -> None:
    wire.say(b'{"ping":1}\n{"pi')
    first = wire.client.receive()
    wire.say(b'ng":2}\nno json\n')

    assert first == [{"ping": 1}]
    assert wire.client.receive() == [{"ping": 2}, {}]


def test_the_end_of_a_driver_is_noticed(wire: Wire) -> None:
    wire.say(b'{"pi')
    unfinished = wire.client.receive()
    wire.hang_up()
    wire.client.tell({"pong": 1})
    wire.client.flush()

    assert unfinished == []
    assert wire.client.receive() is None
    assert wire.client.gone


def test_a_long_part_of_the_log_that_nobody_wants_does_not_hide_what_follows(wire: Wire) -> None:
    begin(wire, "a", "b")
    since = wire.log.size
    for number in range(60):
        wire.record(event="output", job="a", number=number, line=LONG)
    wire.record(event="output", job="b", number=1)
    wire.client.follow({"b": since})

    assert numbers(wire, "b") == [1]

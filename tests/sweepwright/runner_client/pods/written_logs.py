"""Logs as an agent writes them, with the text and the events that are in them."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sweepwright.runner.pod.log_writer import (
    LONGEST_LINE,
    OPENING,
    LogWriter,
)
from sweepwright.runner_client.pods.log_reader import Gap, Item, LogReader, Record, Text

HOSTILE = [
    *(b"", b"\n", b"\r\n", b"\r", b"\\", b"\\\\", b"x", b"x\n", b"\0", b"\xff\xfe", b"\xc3"),
    *(OPENING, OPENING[:-1], OPENING[:5], b"\\" + OPENING, OPENING[5:], b"{", b'{"'),
    OPENING + b'1,"run":"x","time":1,"text":0,"event":"ended","failure":null}\n',
    b"\\" + OPENING + b'0,"run":"x","time":1,"text":0,"event":"mark","cut":true}',
    b"a" * (LONGEST_LINE - 1),
    b"b" * (2 * LONGEST_LINE + 1),
    b"\\" * LONGEST_LINE,
    b"c\n" * 3000,
    "é日本🦊\u2028".encode(),
]


@dataclass
class Log:
    """A log, and what was written to it: at each entry, the position in the log afterwards."""

    clock: float = 1000.0
    data: bytearray = field(default_factory=bytearray)
    text: bytearray = field(default_factory=bytearray)
    events: list[Any] = field(default_factory=list)
    times: list[tuple[float, int]] = field(default_factory=list)
    """For each write, its time and where it begins."""

    def __post_init__(self) -> None:
        self.writer = LogWriter(self._write, lambda: self.clock, lambda: self.clock)
        self.writer.mark()

    def _write(self, data: bytes) -> None:
        self.times.append((self.clock, len(self.data)))
        self.data += data

    def print(self, text: bytes) -> None:
        """Let the trial print something."""
        self.text += text
        self.writer.text(text)

    def record(self, line: str = "line") -> None:
        """Record an event."""
        event = {"event": "output", "line": line}
        self.events.append(event)
        self.writer.record(event)

    def end(self) -> None:
        """Record the end."""
        self.writer.repeat_at_end()
        event = {"event": "ended", "failure": None}
        self.events.append(event)
        self.writer.record(event)

    def since(self, time: float | None) -> bytes:
        """Return the log from a time on, beginning with a whole line, as Kubernetes does."""
        if time is None:
            return bytes(self.data)
        start = next((at for written, at in self.times if written >= time), len(self.data))
        return bytes(self.data[self.data.rfind(b"\n", 0, start) + 1 :])


def written(seed: int, steps: int = 40) -> Log:
    """Write a log of hostile text and events."""
    rng = random.Random(seed)  # noqa: S311 - it guards nothing
    log = Log()
    for _ in range(steps):
        match rng.randrange(4):
            case 0:
                log.record(rng.choice(("x", "\n", OPENING.decode(), "y" * 20_000, "\ud800")))
            case 1:
                log.clock += rng.choice((0.0, 0.5, 3.0, 70.0))
                log.writer.keep_readable()
            case _:
                log.print(b"".join(rng.choices(HOSTILE, k=rng.randrange(5))))
    log.end()
    return log


def read(reader: LogReader, data: bytes, rng: random.Random) -> list[Item]:
    """Feed a log in pieces of random sizes."""
    items: list[Item] = []
    at = 0
    while at < len(data):
        size = rng.choice((1, 7, 100, 10_000, 100_000))
        items += reader.feed(data[at : at + size])
        at += size
    return items


def assert_complete(items: Sequence[Item], log: Log) -> None:
    """Assert that each event and each byte of a log was read once, and in order."""
    text = b"".join(item.data for item in items if isinstance(item, Text))
    events = [item.event for item in items if isinstance(item, Record)]
    assert [item for item in items if isinstance(item, Gap)] == []
    assert text == bytes(log.text)
    assert events == json.loads(json.dumps(log.events))


def events_of(items: Sequence[Item]) -> list[Any]:
    """Return the lines of the events that were read."""
    return [item.event.get("line", "end") for item in items if isinstance(item, Record)]


def gaps_of(items: Sequence[Item]) -> list[Gap]:
    """Return what was reported as missing."""
    return [item for item in items if isinstance(item, Gap)]


def rotated(log: Log, *, before_end: int) -> bytes:
    """Return the end of a log, which begins with a whole line."""
    start = bytes(log.data).rindex(b"\n", 0, len(log.data) - before_end) + 1
    return bytes(log.data[start:])

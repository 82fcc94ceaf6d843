"""Writes the log of a container: numbered records, and between them what the trial prints.

The package describes the format. Invariants: `_column` is the number of bytes in the last line of
the log, and `_held` is text that is not written yet because it may become the beginning of a line
that looks like a record; it is empty unless `_column` is 0.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

OPENING = b'{"sweepwright_record":'
"""How the line of a record begins."""
LONGEST_LINE = 8192
"""Maximum length of a line, in bytes; a record that is longer is written in parts."""
MARK_BYTES = 1 << 16
MARK_SECONDS = 1.0
REPEAT_BYTES = 4 << 20
"""Number of bytes in the log after which all events are repeated."""
REPEAT_SECONDS = 60.0
_MOST_REPEATED = 1 << 20
_SHORT_LOG = 1 << 18
"""Length of a log that no cluster rotates, so that nothing of it needs to be repeated."""
# Every character of a part may need a backslash.
_PART = (LONGEST_LINE - 256) // 2
_LOOKS_LIKE_A_RECORD = re.compile(rb"^\\*" + re.escape(OPENING), re.MULTILINE)
_BACKSLASHES = re.compile(rb"\\*")


class _Event(NamedTuple):
    number: int
    json: str


class LogWriter:
    """Writes records and text; `write` takes bytes, and the clocks are those of `time`."""

    def __init__(
        self,
        write: Callable[[bytes], object],
        now: Callable[[], float] = time.time,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self.count = 0
        """Number of events that were recorded."""
        self._write = write
        self._now = now
        self._elapsed = elapsed
        self._run = os.urandom(4).hex()
        self._column = 0
        self._held = b""
        self._text = 0
        self._text_at_record = 0
        self._written = self._written_at_repeat = 0
        self._record_at = self._repeat_at = elapsed()
        self._events: deque[_Event] = deque()
        self._events_size = 0

    def text(self, data: bytes) -> None:
        """Write what the trial has printed."""
        data = self._held + data
        self._held = b""
        start = 0
        while start < len(data):
            room = LONGEST_LINE - self._column
            end = data.rfind(b"\n", start, start + room) + 1 or min(start + room, len(data))
            self._write_block(data[start:end], last=end == len(data))
            start = end
        self.keep_readable()

    def record(self, event: dict[str, Any]) -> None:
        """Write an event under the next number."""
        self.count += 1
        recorded = _Event(self.count, _dumps(event))
        self._write_event(recorded)
        self._events.append(recorded)
        self._events_size += len(recorded.json)
        while self._events_size > _MOST_REPEATED:
            self._events_size -= len(self._events.popleft().json)
        self.keep_readable()

    def mark(self) -> None:
        """Write a record that only tells the position."""
        self._write_event(_Event(self.count, '{"event":"mark"}'))

    def keep_readable(self) -> None:
        """Mark the position, and repeat the events, if it is time."""
        now = self._elapsed()
        unmarked = self._text - self._text_at_record
        if unmarked >= MARK_BYTES or (unmarked and now - self._record_at >= MARK_SECONDS):
            self.mark()
        since = self._written - self._written_at_repeat
        # At most half of the log are repetitions.
        worthwhile = max(MARK_BYTES, self._events_size)
        late = now - self._repeat_at >= REPEAT_SECONDS and since >= worthwhile
        if since >= REPEAT_BYTES or late:
            self.repeat()

    def repeat(self) -> None:
        """Write all events once more, or those that fit."""
        first = self._events[0].number if self._events else 0
        for event in self._events:
            self._write_event(event, again=first)
        self._written_at_repeat = self._written
        self._repeat_at = self._elapsed()

    def repeat_at_end(self) -> None:
        """Write all events once more, unless nobody can have missed one."""
        if self._written > _SHORT_LOG and self._written > self._written_at_repeat:
            self.repeat()

    def _write_block(self, block: bytes, *, last: bool) -> None:
        """Write text that fits into the lines of the log; cut the last line if it is full."""
        at_start = self._column == 0
        begun = block[block.rfind(b"\n") + 1 :]
        if last and begun and (at_start or len(begun) < len(block)) and _may_become_one(begun):
            self._held = begun
            block = block[: len(block) - len(begun)]
            begun = b""
        self._text += len(block)
        self._put(_escaped(block, at_start=at_start))
        self._column = len(begun) + (self._column if len(begun) == len(block) else 0)
        if self._column >= LONGEST_LINE:
            self.mark()

    def _write_event(self, event: _Event, again: int = 0) -> None:
        if self._held:
            held, self._held = self._held, b""
            self._text += len(held)
            self._column = len(held)
            self._put(held)
        head: dict[str, Any] = {"run": self._run, "time": round(self._now(), 3)}
        head["text"] = self._text
        if again:
            head["again"] = again
        if self._column:
            head["cut"] = True
            self._put(b"\n")
        self._put(b"".join(_lines(event, head)))
        self._column = 0
        self._text_at_record = self._text
        self._record_at = self._elapsed()

    def _put(self, data: bytes) -> None:
        self._written += len(data)
        self._write(data)


def _may_become_one(begun: bytes) -> bool:
    """Tell whether the beginning of a line may become one that looks like a record."""
    found = _BACKSLASHES.match(begun)
    rest = begun[found.end() if found else 0 :]
    return len(begun) < LONGEST_LINE and rest != OPENING and OPENING.startswith(rest)


def _escaped(block: bytes, *, at_start: bool) -> bytes:
    if OPENING not in block:
        return block
    head, newline, rest = (b"", b"", block) if at_start else block.partition(b"\n")
    return head + newline + _LOOKS_LIKE_A_RECORD.sub(rb"\\\g<0>", rest)


def _lines(event: _Event, head: dict[str, Any]) -> list[bytes]:
    """Return the lines of a record, of which there are several if it is long."""
    whole = _line(event, {**head, **json.loads(event.json)})
    if len(whole) <= LONGEST_LINE:
        return [whole]
    pieces = [event.json[at : at + _PART] for at in range(0, len(event.json), _PART)]
    lines = []
    for index, piece in enumerate(pieces):
        lines.append(_line(event, {**head, "part": index, "parts": len(pieces), "json": piece}))
        head = {name: value for name, value in head.items() if name != "cut"}
    return lines


def _line(event: _Event, members: dict[str, Any]) -> bytes:
    return OPENING + f"{event.number},{_dumps(members)[1:]}\n".encode("ascii")


def _dumps(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))

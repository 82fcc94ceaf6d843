"""Reads the log of a container: each event once and in order, and each byte of text once.

A log is read in pieces of any size. After a lost connection, the driver reads it again from some
earlier moment on, and after a rotation its beginning is missing. Each record tells its own number,
and how much text precedes it, so that what was read before can be skipped, and what is missing can
be counted. The agent repeats all events from time to time; the events after a gap wait until the
missing ones have been repeated, or cannot be any more.

Invariants: all events up to `_at` and all text up to `_text` were returned, or were reported as
lost. `_ahead` holds the events after a gap, and has none with the number `_at + 1`. `_offset` is
the position in the text of the next byte; None before the first record, when it is not known.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from ...events import Json
from ..far_end_messages import is_event
from ..shapes import is_count
from .log_lines import (
    ESCAPED,
    OPENING,
    SPECIAL,
    is_piece,
    may_be_record,
    parse_event,
    parse_record,
    without_head,
)

_MOST_AHEAD = 10_000
"""Number of events that may wait for a missing one."""
_LONGEST_UNPLACED = 1 << 18
_OVERLAP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Record:
    """An event of the job; `event` has the form of the runner's events, without ``job``."""

    at: int
    """Number of the event in the log, counted from 1."""
    event: Json
    position: Json
    """Position after the event, for `LogReader.start`."""


@dataclass(frozen=True, slots=True)
class Text:
    """Something that the process has printed."""

    at: int
    """Number of bytes before it in the whole text."""
    data: bytes


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that the log lacks."""

    events: int
    text: int
    """Number of bytes."""

    def __str__(self) -> str:
        """Describe it in one line."""
        lost = [f"{self.events:,} events"] if self.events else []
        lost += [f"{self.text:,} bytes of output"] if self.text else []
        return f"the log of the pod lacks {' and '.join(lost)}: it was rotated before it was read"


Item: TypeAlias = Record | Text | Gap


class LogReader:
    """Reads the log of one container, from its beginning or from a position on.

    If `one_run` is true, it ends where another run of the agent begins: the container was
    restarted, or another one with the same name has taken its place.
    """

    def __init__(self, position: Json = None, *, one_run: bool = False) -> None:
        self._one_run = one_run
        self.replaced = False
        """Whether a record of another run was found, so that nothing more is read."""
        self._run = ""
        self._at = 0
        self._text = 0
        self._time = 0.0
        self._ahead: dict[int, Json] = {}
        self.start(position)

    @property
    def position(self) -> Json:
        """The position after everything that was returned, as JSON."""
        return {"run": self._run, "at": self._at, "text": self._text, "time": self._time}

    @property
    def since(self) -> float | None:
        """Time from which on the log must be read again; None for its beginning."""
        return max(0.0, self._time - _OVERLAP_SECONDS) if self._time else None

    def start(self, position: Json = None, *, mid_line: bool = False) -> None:
        """Read another copy of the log, from `since` on or from any earlier place.

        Parameters
        ----------
        position : JSON
            Position of another reader, from which to go on; by default, that of this one.
        mid_line : bool
            Whether the copy may begin in the middle of a line, which is then skipped.
        """
        if position:
            self._run, self._at = position["run"], position["at"]
            self._text, self._time = position["text"], position["time"]
            self._ahead = {}
        self._rest = b""
        self._offset: int | None = None
        self._unplaced = b""
        self._breaks = False
        self._mid_line = False
        self._skips_line = mid_line
        self._pieces: list[str] = []

    def feed(self, data: bytes) -> list[Item]:
        """Return what is new in the next piece of the log."""
        data = self._rest + data
        end = data.rfind(b"\n") + 1
        items = list(self._read_lines(data[:end])) if end else []
        rest = data[end:]
        self._rest = rest if not self._mid_line and may_be_record(rest) else b""
        if not self._rest:
            items += self._read_part(rest)
        return items

    def finish(self) -> list[Item]:
        """Return what is left at the end of the log, after which no record can come."""
        rest, self._rest = self._rest, b""
        items = [] if rest.startswith(OPENING) else list(self._read_part(rest))
        items += self._end_break()
        if self._offset is None and not self._run:
            items += [Text(0, self._unplaced)] if self._unplaced else []
        items += self._give_up(max(self._ahead, default=0))
        return items

    def _read_lines(self, data: bytes) -> Iterator[Item]:
        """Read whole lines, of which the first may be the rest of one that has begun."""
        start = 0
        if self._mid_line or self._skips_line:
            start = data.index(b"\n") + 1
            yield from self._read_text(b"" if self._skips_line else data[:start])
            self._mid_line = self._skips_line = False
        for found in SPECIAL.finditer(data, start):
            yield from self._read_text(data[start : found.start()])
            line = found[0]
            if not line.startswith(OPENING):
                yield from self._read_text(line[1:])  # without the agent's backslash
            elif parsed := parse_record(line):
                yield from self._on_record(parsed)
            start = found.end()
        yield from self._read_text(data[start:])

    def _read_part(self, part: bytes) -> Iterator[Item]:
        """Read the beginning of a line, or more of it."""
        if part and not self._skips_line:
            escaped = not self._mid_line and ESCAPED.match(part)
            yield from self._add(self._taken_break() + (part[1:] if escaped else part))
            self._mid_line = True

    def _read_text(self, text: bytes) -> Iterator[Item]:
        """Read text that ends with a line break, which may yet turn out to be the agent's."""
        if text:
            yield from self._add(self._taken_break() + text[:-1])
            self._breaks = True

    def _end_break(self) -> Iterator[Item]:
        """Add the last line break, because it belongs to the text."""
        yield from self._add(self._taken_break())

    def _taken_break(self) -> bytes:
        taken, self._breaks = self._breaks, False
        return b"\n" if taken else b""

    def _add(self, text: bytes) -> Iterator[Item]:
        if self.replaced:
            return
        if self._offset is None:
            self._unplaced = (self._unplaced + text)[-_LONGEST_UNPLACED:]
            return
        start, self._offset = self._offset, self._offset + len(text)
        if self._offset > self._text:
            known = max(0, self._text - start)
            yield Text(start + known, text[known:])
            self._text = self._offset

    def _on_record(self, found: Json) -> Iterator[Item]:
        if self._one_run and found["run"] != self._run and self._run:
            self.replaced = True
        if self.replaced:
            return
        if "cut" in found:
            self._breaks = False
        yield from self._end_break()
        if found["run"] != self._run:
            yield from self._on_other_run(found["run"])
        yield from self._place(found["text"])
        if not self._ahead:
            self._time = found["time"]
        number = found["sweepwright_record"]
        if is_count(found.get("again")):
            yield from self._give_up(found["again"] - 1)
        if event := self._event(found):
            yield from self._on_event(number, event)

    def _on_other_run(self, run: str) -> Iterator[Item]:
        """Begin anew, because the container was restarted."""
        if self._run:
            yield from self._give_up(max(self._ahead, default=0))
            self._at = self._text = 0
        self._run = run

    def _place(self, offset: int) -> Iterator[Item]:
        """Go to a position in the text: everything before it was read, or is lost."""
        if self._offset is None:
            text, self._unplaced = self._unplaced, b""
            self._offset = max(0, offset - len(text))
            yield from self._miss(self._offset)
            yield from self._add(text[-offset:] if offset else b"")
        elif self._offset > offset and self._text == self._offset:
            # Somebody else has written to the log.
            self._text = offset
        self._offset = offset
        yield from self._miss(offset)

    def _miss(self, offset: int) -> Iterator[Item]:
        if offset > self._text:
            yield Gap(0, offset - self._text)
            self._text = offset

    def _event(self, found: Json) -> Json:
        """Return the event of a record; None if there is none, or not all of it yet."""
        event = found
        if is_piece(found):
            if found["part"] == 0:
                self._pieces = []
            if found["part"] != len(self._pieces) or found["part"] >= found["parts"]:
                return None
            self._pieces.append(found["json"])
            whole = "".join(self._pieces) if len(self._pieces) == found["parts"] else ""
            event = parse_event(whole)
        return event if event and is_event(event) else None

    def _on_event(self, number: int, event: Json) -> Iterator[Item]:
        if number > self._at:
            self._ahead.setdefault(number, without_head(event))
        yield from self._release()
        if event["event"] in ("ended", "refused") or len(self._ahead) > _MOST_AHEAD:
            yield from self._give_up(number)

    def _release(self) -> Iterator[Item]:
        while (number := self._at + 1) in self._ahead:
            self._at = number
            yield Record(number, self._ahead.pop(number), self.position)

    def _give_up(self, number: int) -> Iterator[Item]:
        """Report the events up to a number as lost that were not read until now."""
        while self._at < number:
            following = min((n for n in self._ahead if n <= number), default=number + 1)
            if lost := following - 1 - self._at:
                yield Gap(lost, 0)
            self._at = following - 1
            yield from self._release()

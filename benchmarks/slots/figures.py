"""Reads the figures of a sweep from its journal and from the record of its timed driver."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sweepwright.core.store.catalog import Store
from sweepwright.core.store.entries import EventEntry
from sweepwright.core.store.journal_reader import JournalReader
from sweepwright.events import Measured, Opened, Reported

from .timed_driver import ASKED, ASKS, POLLED, POLLS


@dataclass(frozen=True, slots=True)
class Note:
    """A line of the record."""

    time: float
    what: str
    count: int


@dataclass(frozen=True, slots=True)
class Ask:
    """A call of the driver's that asked the tuner for trials, and opened some."""

    begin: float
    end: float
    opened: int


@dataclass(frozen=True, slots=True)
class Spans:
    """What the journal says, in Unix seconds."""

    opened: dict[int, float]
    ended: dict[int, float]
    reports: list[tuple[float, float]]
    """Of each report when it was sent, and when it was recorded."""


def read_notes(record: Path) -> list[Note]:
    """Read the record; a last line that is not complete is left out."""
    found = []
    for line in record.read_text().splitlines(keepends=True):
        if line.endswith("\n"):
            moment, what, count = line.split()
            found.append(Note(float(moment), what, int(count)))
    return found


def asks_of(notes: Sequence[Note]) -> list[Ask]:
    """Pair the beginnings and the ends of asks; an ask that opened nothing is left out."""
    found, begin = [], 0.0
    for note in notes:
        if note.what == ASKS:
            begin = note.time
        elif note.what == ASKED:
            found.append(Ask(begin, note.time, note.count))
    return found


def pauses_of(notes: Sequence[Note]) -> list[float]:
    """Return how long the driver was away between two polls, each time."""
    found, end = [], None
    for note in notes:
        if note.what == POLLED:
            end = note.time
        elif note.what == POLLS and end is not None:
            found.append(note.time - end)
    return found


def read_spans(store: Path) -> Spans:
    """Read the newest sweep of a store."""
    found = Spans({}, {}, [])
    with closing(JournalReader(Store(store).find())) as reader:
        for entry in reader.entries():
            match entry:
                case EventEntry(Opened(trial)):
                    found.opened.setdefault(trial.number, entry.time)
                case EventEntry(Measured(trial)):
                    found.ended[trial.number] = entry.time
                case EventEntry(Reported(metrics=metrics)):
                    found.reports.append((metrics["sent"], entry.time))
    return found


def lost_to_asking(asks: Sequence[Ask], slots: int) -> float:
    """Return the share of the slots' time in which a slot was free while the tuner was asked.

    A slot that an ask fills is free for the whole ask.
    """
    seconds = sum(ask.opened * (ask.end - ask.begin) for ask in asks)
    return seconds / (slots * (asks[-1].end - asks[0].begin))


def idle_share(spans: Spans, slots: int) -> float:
    """Return the share of the slots' time in which they had no trial, until the last was opened.

    It counts from the ends of the trials to the next openings, whatever the driver did meanwhile.
    """
    first, last = min(spans.opened.values()), max(spans.opened.values())
    busy = sum(
        min(last, spans.ended.get(number, last)) - begin for number, begin in spans.opened.items()
    )
    return 1 - busy / (slots * (last - first))


def delays_during(spans: Spans, asks: Sequence[Ask]) -> Iterator[float]:
    """Yield the delay of each report that was sent while the tuner was asked."""
    begins = [ask.begin for ask in asks]
    for sent, recorded in spans.reports:
        place = bisect_right(begins, sent) - 1
        if place >= 0 and sent <= asks[place].end:
            yield recorded - sent

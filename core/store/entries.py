"""The entries of a journal: everything that is written to it, as types, and their form as rows.

The driver appends entries to the journal. The replay, the history, the sessions and TensorBoard's
records fold the entries that a reader yields. Only this module knows the columns and JSON keys of
rows, with `sweepwright.protocol` for the bodies of study events. Existing journals depend on them:
a kind or a key is never renamed and never changes its meaning, and a new key is read with a
default for journals that lack it.
"""

import json
from dataclasses import asdict, dataclass, field
from time import time
from typing import Any, NamedTuple, TypeAlias

from sweepwright.events import (
    Assignment,
    Failed,
    Json,
    Lost,
    Measured,
    Opened,
    Reported,
    Stopped,
    StudyEvent,
    Trial,
)
from sweepwright.protocol import dumps, event_body, kind_of, read_event

from ..plan.plan import Limits, Selection
from ..plan.plan_json import limits_body, read_limits

SESSION_STARTED = "session"
SESSION_ENDED = "closed"
LATE = "late"


class Row(NamedTuple):
    """One row of the journal, without its sequence number."""

    time: float
    kind: str
    trial: int | None
    attempt: int | None
    role: str | None
    rank: int | None
    line: int | None
    body: str


@dataclass(frozen=True, slots=True)
class EventEntry:
    """Something happened to a trial."""

    event: StudyEvent
    results_told: int | None = None
    """Of an opening: how many results the tuner had been told when it made the suggestion."""
    role: str | None = None
    """Of a report: the role of the process that sent it."""
    rank: int | None = None
    """Of a report: the rank of that process in its role."""
    cursor: Json = None
    """Of a report: how far the platform had read the attempt's log."""
    dropped: int | None = None
    """Of the end of an attempt: how many of its reports were thinned out."""
    time: float = field(default_factory=time)
    """Unix seconds, as in all entries."""


@dataclass(frozen=True, slots=True)
class SessionStarted:
    """A driver began to work on the sweep, under these limits and on this platform."""

    limits: Limits
    platform: Selection
    process: int
    host: str
    version: str
    time: float = field(default_factory=time)


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """A driver left the sweep; the entry is missing where its process was killed."""

    state: str
    """``done``, ``failed`` or ``interrupted``."""
    reason: str
    time: float = field(default_factory=time)


@dataclass(frozen=True, slots=True)
class LateLine:
    """An attempt that is over wrote a line, which changes nothing.

    An attempt is over once its trial was retried or stopped, although its job may still run.
    """

    job: str
    line: str
    time: float = field(default_factory=time)


@dataclass(frozen=True, slots=True)
class LateEnd:
    """The job of an attempt that was over has ended, so that it need not be cancelled."""

    job: str
    failure: str | None
    """Message of its failure, None when it ended well."""
    time: float = field(default_factory=time)


Entry: TypeAlias = EventEntry | SessionStarted | SessionEnded | LateLine | LateEnd


def write_entry(entry: Entry) -> Row:
    """Write an entry as a row; `EntryDecoder.decode` is the inverse."""
    match entry:
        case EventEntry(event):
            return _event_row(entry, event)
        case SessionStarted():
            return _sweep_row(
                entry,
                SESSION_STARTED,
                {
                    "limits": limits_body(entry.limits),
                    "platform": asdict(entry.platform),
                    "process": entry.process,
                    "host": entry.host,
                    "version": entry.version,
                },
            )
        case SessionEnded(state, reason):
            return _sweep_row(entry, SESSION_ENDED, {"state": state, "reason": reason})
        case LateLine(job, line):
            return _sweep_row(entry, LATE, {"job": job, "line": line})
        case LateEnd(job, failure):
            return _sweep_row(entry, LATE, {"job": job, "ended": failure})


def _event_row(entry: EventEntry, event: StudyEvent) -> Row:
    body = event_body(event)
    # What the driver knows about the event joins the fields of the event.
    match event:
        case Opened() if entry.results_told is not None:
            body["told"] = entry.results_told
        case Reported():
            # Null is stored as well: a platform that keeps no cursors gives it.
            body["cursor"] = entry.cursor
        case _ if entry.dropped is not None:
            body["dropped"] = entry.dropped
    # A platform may read a line again after a crash. By its role, rank and line the unique index
    # `lines` recognises a report that is stored already.
    line = event.sequence if isinstance(event, Reported) and entry.role is not None else None
    attempt = None if isinstance(event, Opened) else event.attempt
    return Row(
        entry.time,
        kind_of(event),
        event.trial.number,
        attempt,
        entry.role,
        entry.rank,
        line,
        dumps(body),
    )


def _sweep_row(entry: Entry, kind: str, body: Json) -> Row:
    return Row(entry.time, kind, None, None, None, None, None, dumps(body))


class EntryDecoder:
    """Reads the rows of a journal as entries, from the first row on.

    A row holds the number of its trial, and an event the trial itself. So the decoder keeps the
    trials that are due or running. Of every trial it also keeps the JSON that opened it, because
    the row of a promotion does not repeat the assignment.
    """

    def __init__(self) -> None:
        self._running: dict[int, Trial] = {}
        self._openings: list[str] = []

    def decode(self, row: Row) -> Entry | None:
        """Read a row; None for a kind that only a later version knows."""
        body = _parse(row.body)
        if row.trial is None:
            return _read_sweep_row(row, body)
        if row.kind == "opened":
            self._running[row.trial] = self._open(row, body)
        # An opening has no attempt yet; `read_event` ignores the number then.
        event = read_event(row.kind, self._running[row.trial], row.attempt or 1, body)
        # A trial that ended returns only by a promotion, for which its JSON suffices.
        if isinstance(event, Measured | Stopped | Failed | Lost):
            del self._running[row.trial]
        return EventEntry(
            event,
            body.get("told"),
            row.role,
            row.rank,
            body.get("cursor"),
            body.get("dropped"),
            row.time,
        )

    def _open(self, row: Row, body: Json) -> Trial:
        number = row.trial or 0
        if "promote" not in body:
            self._openings.append(row.body)
            return Trial(number, body["assignment"], body.get("budget"))
        assignment: Assignment = _parse(self._openings[number])["assignment"]
        return Trial(number, assignment, body["budget"])


def _read_sweep_row(row: Row, body: Json) -> Entry | None:
    if row.kind == SESSION_STARTED:
        return read_session(row)
    if row.kind == SESSION_ENDED:
        return SessionEnded(body["state"], body["reason"], row.time)
    if row.kind == LATE and "ended" in body:
        return LateEnd(body["job"], body["ended"], row.time)
    return LateLine(body["job"], body["line"], row.time) if row.kind == LATE else None


def read_session(row: Row) -> SessionStarted:
    """Read the row that begins a session."""
    body = _parse(row.body)
    return SessionStarted(
        read_limits(body["limits"]),
        Selection(**body["platform"]),
        body["process"],
        body["host"],
        body["version"],
        row.time,
    )


_raw_decode = json.JSONDecoder().raw_decode


def _parse(text: str) -> Any:
    # `raw_decode` omits the search for blanks around a document, which our own JSON never has.
    return _raw_decode(text)[0]

"""The entries of a journal: their types, and their conversion to and from rows.

The driver appends entries to the journal. The replay, the history, the sessions and the
TensorBoard records are computed from the entries that a reader yields. Only this module knows the
columns and JSON keys of rows; `sweepwright.event_json` encodes the bodies of study events.
Existing journals must remain readable. A kind or a key is therefore never renamed and never
changes its meaning. A new key has a default for journals that lack it.
"""

import json
from dataclasses import asdict, dataclass, field
from time import monotonic, time
from typing import Any, TypeAlias

from sweepwright.event_json import event_body, kind_of, read_event
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
from sweepwright.protocol import dumps

from ..plan.compressed_texts import CompressedTexts
from ..plan.field_types import check_field_types
from ..plan.plan import Limits, Selection
from ..plan.plan_json import limits_body, read_limits
from .tables import Row

SESSION_STARTED = "session"
SESSION_ENDED = "closed"
LATE = "late"


@dataclass(frozen=True, slots=True)
class EventEntry:
    """An event of a trial, and additional data from the driver."""

    event: StudyEvent
    results_told: int | None = None
    """Number of results that the tuner had received when it made the suggestion. Set for
    openings."""
    role: str | None = None
    """Role of the process that sent the report. Set for reports."""
    rank: int | None = None
    """Rank of the process that sent the report, within its role. Set for reports."""
    process: str = ""
    """Id of the process that sent the report; empty if the report does not name it."""
    line: int | None = None
    """Number of the report among those of its process. None if it is the same as the number in
    the event, which counts the reports of all processes."""
    cursor: Json = None
    """Position in the attempt's log directly after the report. Set for reports."""
    dropped: int | None = None
    """Number of the attempt's reports that were thinned out. Set for the end of an attempt."""
    time: float = field(default_factory=time)
    """Time in Unix seconds, as in all entries."""
    clock: float | None = field(default_factory=monotonic)
    """Reading of a clock that never steps, in seconds, as in all entries. Only the difference
    between two entries of a session has a meaning. None in a journal of version 1."""


@dataclass(frozen=True, slots=True)
class SessionStarted:
    """A driver began to work on the sweep, with these limits and on this platform."""

    limits: Limits
    platform: Selection
    process: int
    host: str
    version: str
    time: float = field(default_factory=time)
    clock: float | None = field(default_factory=monotonic)
    identity: str = ""
    """Random text, which processes that the driver started carry (`Workspace.session`)."""
    machine: str = ""
    """Identity of the machine on which `process` has a meaning."""
    process_start: int = 0
    """Time at which the driver's process started, by the machine's own clock."""


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """A driver left the sweep. If the driver was killed, the journal has no such entry."""

    state: str
    """``done``, ``failed`` or ``interrupted``."""
    reason: str
    time: float = field(default_factory=time)
    clock: float | None = field(default_factory=monotonic)


@dataclass(frozen=True, slots=True)
class LateLine:
    """A line that an attempt wrote after the attempt was retried or stopped.

    The job of such an attempt may still run for a moment. The line is kept for diagnosis and has
    no effect.
    """

    job: str
    line: str
    time: float = field(default_factory=time)
    clock: float | None = field(default_factory=monotonic)


@dataclass(frozen=True, slots=True)
class LateEnd:
    """The end of a job after its attempt was retried or stopped. The job need not be cancelled."""

    job: str
    failure: str | None
    """Message of the job's failure; None if the job ended normally."""
    time: float = field(default_factory=time)
    clock: float | None = field(default_factory=monotonic)


Entry: TypeAlias = EventEntry | SessionStarted | SessionEnded | LateLine | LateEnd


def write_entry(entry: Entry) -> Row:
    """Convert an entry to a row; `EntryDecoder.decode` is the inverse."""
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
                    "identity": entry.identity,
                    "machine": entry.machine,
                    "process_start": entry.process_start,
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
    # The body of the row contains the fields of the event and the driver's additional data.
    match event:
        case Opened() if entry.results_told is not None:
            body["told"] = entry.results_told
        case Reported():
            # Null is stored as well, because it is the cursor of a platform that has no cursors.
            body["cursor"] = entry.cursor
            if entry.line not in (None, event.sequence):
                body["line"] = entry.line
        case _ if entry.dropped is not None:
            body["dropped"] = entry.dropped
    # The unique index `lines` makes sure that no report of an attempt is stored twice. The column
    # `line` holds the number of the report within its attempt, because journals of version 1 have
    # no column `process`. A unique index takes two NULLs for different values, so the process of a
    # report is never NULL.
    line = event.sequence if isinstance(event, Reported) and entry.role is not None else None
    attempt = None if isinstance(event, Opened) else event.attempt
    return Row(
        entry.time,
        entry.clock,
        kind_of(event),
        event.trial.number,
        attempt,
        entry.role,
        entry.rank,
        None if line is None else entry.process,
        line,
        dumps(body),
    )


def _sweep_row(entry: Entry, kind: str, body: Json) -> Row:
    nothing = None, None, None, None, None, None
    return Row(entry.time, entry.clock, kind, *nothing, dumps(body))


class EntryDecoder:
    """Converts the rows of a journal to entries, from the first row on.

    A row contains only the number of its trial, but an event contains the trial itself. The
    decoder therefore keeps the trials that are due or running. A row of a promotion does not
    repeat the assignment, so the decoder also keeps the JSON of each trial's opening. A sweep
    without a budget has no promotions, and `keep_openings` should then be false.
    """

    def __init__(self, *, keep_openings: bool = True) -> None:
        self._keep_openings = keep_openings
        self._running: dict[int, Trial] = {}
        self._openings = CompressedTexts()

    def decode(self, row: Row) -> Entry | None:
        """Convert a row to an entry; None for a kind of row that this version does not know."""
        body = _parse(row.body)
        if row.trial is None:
            return _read_sweep_row(row, body)
        if row.kind == "opened":
            self._running[row.trial] = self._open(row, body)
        # The row of an opening has no attempt, and `read_event` does not use the number of the
        # attempt for an opening.
        event = read_event(row.kind, self._running[row.trial], row.attempt or 1, body)
        # Only a promotion makes an ended trial active again. To decode a promotion, the JSON of
        # the trial's opening is enough.
        if isinstance(event, Measured | Stopped | Failed | Lost):
            del self._running[row.trial]
        return EventEntry(
            event,
            body.get("told"),
            row.role,
            row.rank,
            row.process or "",
            body.get("line"),
            body.get("cursor"),
            body.get("dropped"),
            row.time,
            row.clock,
        )

    def _open(self, row: Row, body: Json) -> Trial:
        number = row.trial or 0
        if "promote" not in body:
            if self._keep_openings:
                self._openings.append(row.body)
            return Trial(number, body["assignment"], body.get("budget"))
        assignment: Assignment = _parse(self._openings[number])["assignment"]
        return Trial(number, assignment, body["budget"])


def _read_sweep_row(row: Row, body: Json) -> Entry | None:
    if row.kind == SESSION_STARTED:
        return read_session(row)
    if row.kind == SESSION_ENDED:
        ended = SessionEnded(body["state"], body["reason"], row.time, row.clock)
        check_field_types(ended)
        return ended
    if row.kind == LATE and "ended" in body:
        return LateEnd(body["job"], body["ended"], row.time, row.clock)
    return LateLine(body["job"], body["line"], row.time, row.clock) if row.kind == LATE else None


def read_session(row: Row) -> SessionStarted:
    """Convert the first row of a session to an entry."""
    body = _parse(row.body)
    session = SessionStarted(
        read_limits(body["limits"]),
        Selection(**body["platform"]),
        body["process"],
        body["host"],
        body["version"],
        row.time,
        row.clock,
        body.get("identity", ""),
        body.get("machine", ""),
        body.get("process_start", 0),
    )
    check_field_types(session)
    return session


_raw_decode = json.JSONDecoder().raw_decode


def _parse(text: str) -> Any:
    # `raw_decode` does not search for white space around a document. Our JSON never has any.
    return _raw_decode(text)[0]

"""The entries of a journal: their types, and their conversion to and from rows.

The driver appends entries to the journal. The replay, the history, the sessions and the
TensorBoard records are computed from the entries that a reader yields. Only this module and
`entry_decoder` know the columns and JSON keys of rows; `sweepwright.event_json` encodes the bodies
of study events.
Existing journals must remain readable. A kind or a key is therefore never renamed and never
changes its meaning. A new key has a default for journals that lack it.
"""

from dataclasses import asdict, dataclass, field
from time import monotonic, time
from typing import TypeAlias

from sweepwright.contracts import Belief
from sweepwright.event_json import event_body, kind_of
from sweepwright.events import (
    Json,
    Opened,
    Reported,
    StudyEvent,
)
from sweepwright.protocol import dumps

from ..plan.plan import Limits, Selection
from ..plan.plan_json import limits_body
from .tables import Row

SESSION_STARTED = "session"
SESSION_ENDED = "closed"
LATE = "late"
WAITING = "waiting"
BELIEF = "belief"


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
    believes: bool = False
    """Whether the tuner could say what it believes."""


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


@dataclass(frozen=True, slots=True)
class JobWaiting:
    """The job of an attempt waits, or waits no longer; for views of a sweep that runs."""

    trial: int
    attempt: int
    wants: str | None
    """What the job waits for (`sweepwright.jobs.Waiting`); None if it waits no longer."""
    time: float = field(default_factory=time)
    clock: float | None = field(default_factory=monotonic)


@dataclass(frozen=True, slots=True)
class BeliefStated:
    """What the tuner believed after a session, which may have ended long before it was asked."""

    belief: Belief | None
    """None if the tuner had been told too few results."""
    events: int
    """Number of events of trials before this entry, on which the belief rests."""
    time: float = field(default_factory=time)
    clock: float | None = field(default_factory=monotonic)


Entry: TypeAlias = (
    EventEntry | SessionStarted | SessionEnded | LateLine | LateEnd | JobWaiting | BeliefStated
)


def write_entry(entry: Entry) -> Row:
    """Convert an entry to a row; `entry_decoder.EntryDecoder.decode` is the inverse."""
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
                    **({"believes": True} if entry.believes else {}),
                },
            )
        case SessionEnded(state, reason):
            return _sweep_row(entry, SESSION_ENDED, {"state": state, "reason": reason})
        case LateLine(job, line):
            return _sweep_row(entry, LATE, {"job": job, "line": line})
        case LateEnd(job, failure):
            return _sweep_row(entry, LATE, {"job": job, "ended": failure})
        case JobWaiting(trial, attempt, wants):
            # Earlier versions skip rows of a kind that they do not know, but only without a trial.
            body = {"trial": trial, "attempt": attempt, "wants": wants}
            return _sweep_row(entry, WAITING, body)
        case BeliefStated(belief, events):
            believed = None if belief is None else asdict(belief)
            return _sweep_row(entry, BELIEF, {"belief": believed, "events": events})


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

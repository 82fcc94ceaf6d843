"""Decodes the rows of a journal to entries; the inverse of `entries.write_entry`."""

import json
from typing import Any, TypeVar

from sweepwright.contracts import Belief, Prediction
from sweepwright.event_json import read_event
from sweepwright.events import Assignment, Failed, Json, Lost, Measured, Stopped, Trial

from ..plan.compressed_texts import CompressedTexts
from ..plan.field_types import check_field_types
from ..plan.plan import Selection
from ..plan.plan_json import read_limits
from .entries import (
    BeliefStated,
    Entry,
    EventEntry,
    JobWaiting,
    LateEnd,
    LateLine,
    SessionEnded,
    SessionStarted,
)
from .tables import Row

E = TypeVar("E", SessionStarted, SessionEnded, JobWaiting, BeliefStated)


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
    times = row.time, row.clock
    match row.kind:
        case "session":
            return read_session(row)
        case "closed":
            return _checked(SessionEnded(body["state"], body["reason"], *times))
        case "belief":
            belief = body["belief"] and _read_belief(body["belief"])
            return _checked(BeliefStated(belief, body["events"], *times))
        case "waiting":
            return _checked(JobWaiting(body["trial"], body["attempt"], body["wants"], *times))
        case "late" if "ended" in body:
            return LateEnd(body["job"], body["ended"], *times)
        case "late":
            return LateLine(body["job"], body["line"], *times)
    return None


def _read_belief(body: Json) -> Belief:
    best = body["best"] and Prediction(**body["best"])
    return Belief(best, body["importance"])


def _checked(entry: E) -> E:
    check_field_types(entry)
    return entry


def read_session(row: Row) -> SessionStarted:
    """Convert the first row of a session to an entry."""
    body = _parse(row.body)
    return _checked(
        SessionStarted(
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
            body.get("believes", False),
        )
    )


_raw_decode = json.JSONDecoder().raw_decode


def _parse(text: str) -> Any:
    # `raw_decode` does not search for white space around a document. Our JSON never has any.
    return _raw_decode(text)[0]

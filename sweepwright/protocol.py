"""The wire format: attempts as trials receive them, lines that trials report, and stored events.

All of it is JSON, which any language writes. The format of reports is versioned by
`sweepwright.trial.VERSION`, since the trial API may be copied and old copies keep reporting. The
bodies of events are the format of journals, so names here are never changed, and a new key is
read with a default for journals that lack it.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from .events import (
    Attempt,
    CheckpointRef,
    Failed,
    Failure,
    FailureKind,
    Json,
    Lost,
    Measured,
    Opened,
    Promote,
    Reported,
    Retried,
    Start,
    Started,
    Stopped,
    StudyEvent,
    Suggestion,
    Trial,
)
from .trial import VERSION

_KINDS: dict[type[StudyEvent], str] = {
    Opened: "opened",
    Started: "started",
    Reported: "reported",
    Measured: "measured",
    Stopped: "stopped",
    Failed: "failed",
    Lost: "lost",
    Retried: "retried",
}
LONGEST_TEXT = 200
"""Characters kept of a metric's name, and of a metric that is not a number.

Both are stored with every report and shown in tables, so a trial must not make them long.
"""
_OPENING = '{"sweepwright"'


@dataclass(frozen=True, slots=True)
class TrialLine:
    """One line that a trial reports: intermediate metrics, or its final result."""

    attempt: int
    role: str
    rank: int
    sequence: int
    final: bool
    metrics: Mapping[str, Any]
    continued: bool = False
    """Whether the trial asked for the checkpoint that it inherits, and received one."""


def dumps(value: Json) -> str:
    """Write canonical JSON: without blanks and NaN, with keys in the order of the mapping."""
    return _encode(value)


# `json.dumps` with these options builds a new encoder at each call.
_encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False, ensure_ascii=False).encode


def describe_attempt(attempt: Attempt) -> str:
    """Write the JSON that a trial receives in the environment variable ``SWEEPWRIGHT_TRIAL``."""
    trial = attempt.trial
    return dumps(
        {
            "sweepwright": VERSION,
            "sweep": attempt.sweep,
            "job": attempt.job,
            "trial": trial.number,
            "attempt": attempt.number,
            "budget": trial.budget,
            "seed": attempt.seed,
            "assignment": trial.assignment,
        }
    )


def write_line(line: TrialLine) -> str:
    """Write a report as a line, without its line break; the inverse of `read_line`."""
    body = asdict(line)
    kind = "final" if body.pop("final") else "intermediate"
    if not body["continued"]:
        del body["continued"]
    return dumps({"sweepwright": VERSION, **body, "kind": kind})


def read_line(text: str | bytes) -> TrialLine | None:
    """Read a line of a trial's output as a report; None for any other output.

    It accepts everything that a trial may print, and returns only what can be written as JSON.
    Text before a report on the same line is skipped: a trial may have printed it without a line
    break.
    """
    try:
        text = text.decode() if isinstance(text, bytes) else text
        # The last opening counts: an unfinished report may stand before a complete one.
        body = json.loads(text[max(text.rfind(_OPENING), 0) :])
        if body["sweepwright"] != VERSION or body["kind"] not in ("intermediate", "final"):
            return None
        return TrialLine(
            attempt=int(body["attempt"]),
            role=_printable(body["role"]),
            rank=int(body["rank"]),
            sequence=int(body["sequence"]),
            final=body["kind"] == "final",
            metrics={_printable(name): _metric(value) for name, value in body["metrics"].items()},
            continued=body.get("continued") is True,
        )
    # Raised by text that is not JSON, JSON of another shape, infinite numbers, and deep nesting.
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def _metric(value: Any) -> float | str:
    """Return a finite number as it is, and anything else as text, since JSON has no NaN."""
    return value if finite(value) is not None else _printable(value)


def _printable(value: Any) -> str:
    """Return text that UTF-8 can encode, shortened to `LONGEST_TEXT`."""
    # JSON can hold half of a surrogate pair, which UTF-8 cannot encode.
    return str(value)[:LONGEST_TEXT].encode(errors="replace").decode()


def finite(value: Any) -> float | None:
    """Return a metric as a finite float, None for anything else, booleans included."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # An integer of Python may be too large for a float.
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def kind_of(event: StudyEvent) -> str:
    """Return the name of an event's kind in journals."""
    return _KINDS[type(event)]


def event_body(event: StudyEvent) -> Json:
    """Write the fields of an event as JSON, except its kind, trial and attempt."""
    match event:
        case Opened(_, suggestion):
            return _suggestion_body(suggestion)
        case Started(handle=handle):
            return {"handle": handle}
        case Reported():
            return _report_body(event)
        case Measured(value=value, metrics=metrics):
            return {"value": value, "metrics": metrics}
        case Stopped(value=value, reason=reason):
            return {"value": value, "reason": reason}
        case Failed(failure=failure) | Lost(failure=failure):
            return {"failure": asdict(failure)}
        case Retried(failure=failure, counted=counted):
            return {"failure": asdict(failure), "counted": counted}


def _suggestion_body(suggestion: Suggestion) -> Json:
    match suggestion:
        case Promote(trial, budget):
            return {"promote": trial, "budget": budget}
        case Start(assignment, budget, parent):
            body: dict[str, Json] = {"assignment": assignment}
            if budget is not None:
                body["budget"] = budget
            if parent is not None:
                body["parent"] = asdict(parent)
            return body


def _report_body(report: Reported) -> dict[str, Json]:
    # Only a true `continued` is stored; its absence means false, as in the first journals.
    body: dict[str, Json] = {
        "value": report.value,
        "sequence": report.sequence,
        "metrics": report.metrics,
        "final": report.final,
    }
    return {**body, "continued": True} if report.continued else body


def read_event(kind: str, trial: Trial, attempt: int, body: Json) -> StudyEvent:
    """Read an event that `event_body` wrote; the inverse for every event.

    Raises
    ------
    ValueError
        When the kind is unknown, as in a journal of a newer version.
    """
    match kind:
        case "opened":
            return Opened(trial, _read_suggestion(body))
        case "started":
            return Started(trial, attempt, body["handle"])
        case "reported":
            return Reported(
                trial,
                body["value"],
                attempt,
                body["sequence"],
                body["metrics"],
                body["final"],
                body.get("continued", False),
            )
        case "measured":
            return Measured(trial, body["value"], attempt, body["metrics"])
        case "stopped":
            return Stopped(trial, body["value"], body["reason"], attempt)
        case "failed":
            return Failed(trial, _read_failure(body), attempt)
        case "lost":
            return Lost(trial, _read_failure(body), attempt)
        case "retried":
            return Retried(trial, _read_failure(body), attempt, body["counted"])
        case _:
            raise ValueError(f"unknown kind of event: {kind!r}")


def _read_suggestion(body: Json) -> Suggestion:
    if "promote" in body:
        return Promote(body["promote"], body["budget"])
    parent = body.get("parent")
    return Start(
        body["assignment"], body.get("budget"), CheckpointRef(**parent) if parent else None
    )


def _read_failure(body: Json) -> Failure:
    return Failure(FailureKind(body["failure"]["kind"]), body["failure"]["message"])

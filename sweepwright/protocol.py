"""The one language of trials, platforms and journals: JSON, a line for each thing said."""

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
"""Characters of a metric's name, or of a metric that is no number, which are kept."""
_OPENING = '{"sweepwright"'


@dataclass(frozen=True, slots=True)
class TrialLine:
    """One line that a trial wrote: a report on its way, or its final result."""

    attempt: int
    role: str
    rank: int
    sequence: int
    final: bool
    metrics: Mapping[str, Any]
    continued: bool = False
    """Whether the trial has asked for the checkpoint it inherits, and there is one."""


def dumps(value: Json) -> str:
    """Write JSON in one canonical way: no blanks, no NaN, keys in their own order."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False, ensure_ascii=False)


def describe_attempt(attempt: Attempt) -> str:
    """Write what a trial receives in the environment variable ``SWEEPWRIGHT_TRIAL``."""
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
    """Write the line that a trial sends, without its end; inverse of `read_line`."""
    body = asdict(line)
    kind = "final" if body.pop("final") else "intermediate"
    if not body["continued"]:
        del body["continued"]
    return dumps({"sweepwright": VERSION, **body, "kind": kind})


def read_line(text: str | bytes) -> TrialLine | None:
    """Read a line of a trial's reports; None for a line that is none.

    Whatever a trial may print is safe to pass in, and whatever is returned is safe to
    write as JSON. Text that a trial left standing before its report is skipped.
    """
    try:
        text = text.decode() if isinstance(text, bytes) else text
        said = json.loads(text[max(text.rfind(_OPENING), 0) :])
        if said["sweepwright"] != VERSION or said["kind"] not in ("intermediate", "final"):
            return None
        return TrialLine(
            attempt=int(said["attempt"]),
            role=_printable(said["role"]),
            rank=int(said["rank"]),
            sequence=int(said["sequence"]),
            final=said["kind"] == "final",
            metrics={_printable(name): _metric(value) for name, value in said["metrics"].items()},
            continued=said.get("continued") is True,
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def _metric(value: Any) -> float | str:
    """Keep a number; let what is none, NaN and infinities included, travel as text."""
    return value if finite(value) is not None else _printable(value)


def _printable(value: Any) -> str:
    """Make text that can be written as UTF-8, of a length that a person might read."""
    return str(value)[:LONGEST_TEXT].encode(errors="replace").decode()


def finite(value: Any) -> float | None:
    """Return a metric as a finite float, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def kind_of(event: StudyEvent) -> str:
    """Name an event's kind as the journal does."""
    return _KINDS[type(event)]


def event_body(event: StudyEvent) -> Json:
    """Write what an event says beyond its kind, trial and attempt, as JSON."""
    match event:
        case Opened(_, suggestion):
            return _suggestion(suggestion)
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


def _report_body(report: Reported) -> dict[str, Json]:
    body: dict[str, Json] = {
        "value": report.value,
        "sequence": report.sequence,
        "metrics": report.metrics,
        "final": report.final,
    }
    return {**body, "continued": True} if report.continued else body


def read_event(kind: str, trial: Trial, attempt: int, body: Json) -> StudyEvent:
    """Read an event that `event_body` wrote; inverse for every event.

    Raises
    ------
    ValueError
        When the kind is unknown, as in a journal of a newer version.
    """
    match kind:
        case "opened":
            return Opened(trial, read_suggestion(body))
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
            return Failed(trial, _failure(body), attempt)
        case "lost":
            return Lost(trial, _failure(body), attempt)
        case "retried":
            return Retried(trial, _failure(body), attempt, body["counted"])
        case _:
            raise ValueError(f"no event is called {kind!r}")


def read_suggestion(body: Json) -> Suggestion:
    """Read a suggestion from its JSON."""
    if "promote" in body:
        return Promote(body["promote"], body["budget"])
    parent = body.get("parent")
    return Start(
        body["assignment"], body.get("budget"), CheckpointRef(**parent) if parent else None
    )


def _suggestion(suggestion: Suggestion) -> Json:
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


def _failure(body: Json) -> Failure:
    return Failure(FailureKind(body["failure"]["kind"]), body["failure"]["message"])

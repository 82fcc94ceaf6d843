"""The JSON forms of events, in which journals store them.

Names in events never change, and a new key has a default, with which older journals are read.
"""

from dataclasses import asdict
from typing import TypeVar

from .events import (
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
from .protocol import finite

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
_T = TypeVar("_T")


def kind_of(event: StudyEvent) -> str:
    """Return the name of an event's kind in journals."""
    return _KINDS[type(event)]


def event_body(event: StudyEvent) -> Json:
    """Return the fields of an event as JSON, except its kind, trial and attempt."""
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
        case Start():
            return _start_body(suggestion)


def _start_body(start: Start) -> dict[str, Json]:
    body: dict[str, Json] = {"assignment": start.assignment}
    if start.budget is not None:
        body["budget"] = start.budget
    if start.parent is not None:
        body["parent"] = asdict(start.parent)
    if start.repeats is not None:
        body["repeats"] = start.repeats
    if start.reason:
        body["reason"] = start.reason
    return body


def _report_body(report: Reported) -> dict[str, Json]:
    # `continued` is stored only if it is true; its absence means false, as in old journals.
    body: dict[str, Json] = {
        "value": report.value,
        "sequence": report.sequence,
        "metrics": report.metrics,
        "final": report.final,
    }
    return {**body, "continued": True} if report.continued else body


def read_event(kind: str, trial: Trial, attempt: int, body: Json) -> StudyEvent:
    """Rebuild an event from the fields that `event_body` returned.

    Raises
    ------
    ValueError
        If the kind is unknown, as in a journal of a newer version.
    KeyError, TypeError
        If the fields are not those of such an event.
    """
    match kind:
        case "opened":
            return Opened(trial, _read_suggestion(body))
        case "started":
            return Started(trial, attempt, body["handle"])
        case "reported":
            return Reported(
                trial,
                _read_value(body),
                attempt,
                _read(body, "sequence", int),
                _read(body, "metrics", dict),
                body["final"],
                body.get("continued", False),
            )
        case "measured":
            return Measured(
                trial, _read_number(body, "value"), attempt, _read(body, "metrics", dict)
            )
        case "stopped":
            return Stopped(trial, _read_value(body), _read(body, "reason", str), attempt)
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
        return Promote(_read(body, "promote", int), _read_number(body, "budget"))
    parent = body.get("parent")
    return Start(
        _read(body, "assignment", dict),
        body.get("budget"),
        CheckpointRef(**parent) if parent else None,
        _read(body, "repeats", int) if "repeats" in body else None,
        _read(body, "reason", str) if "reason" in body else "",
    )


def _read_failure(body: Json) -> Failure:
    failure = body["failure"]
    return Failure(FailureKind(failure["kind"]), _read(failure, "message", str))


def _read(body: Json, key: str, kind: type[_T]) -> _T:
    value = body[key]
    if not isinstance(value, kind):
        raise TypeError(f"`{key}` is not of type {kind.__name__}")
    return value


def _read_number(body: Json, key: str) -> float:
    value: float = body[key]
    if finite(value) is None:
        raise TypeError(f"`{key}` is not a finite number")
    return value


def _read_value(body: Json) -> float | None:
    return None if body["value"] is None else _read_number(body, "value")

"""The messages that the far end may send: the replies of a session, and messages of a daemon.

`sweepwright/runner/service/__init__.py` describes their meaning.
"""

from collections.abc import Mapping

from ..events import FailureKind, Json
from .shapes import (
    Shape,
    either,
    is_amount,
    is_count,
    is_flag,
    is_text,
    many,
    one_of,
    optional,
    record,
    row,
    table,
)

LAST_PORT = 65_535

FIRST_WORD = record(python=row(is_count, is_count, is_count))
"""The first message of the interpreter, which describes itself."""
REFUSAL = record(error=is_text, kind=is_text)
DONE = record(ok=is_flag)
"""A reply without content."""

_FOLDER = either(
    record(path=is_text, error=is_text),
    record(
        path=is_text,
        error=lambda value: value is None,
        free=is_amount,
        file_system=is_text,
        in_memory=is_flag,
    ),
)
_FACTS = record(
    host=is_text,
    system=is_text,
    python=record(executable=is_text, version=many(is_count)),
    packages=table(optional(is_text)),
    folder=_FOLDER,
    cpus=is_amount,
    memory=is_amount,
    gpus=record(devices=many(record(index=is_text, id=is_text)), error=optional(is_text)),
    clock=is_amount,
)
_FILE = record(trial=is_count, attempt=is_count, path=is_text, size=is_count)
_ATTACHED = record(
    log=is_text,
    known=table(is_count),
    pid=is_count,
    capacity=record(cpus=is_amount, gpus=many(is_text), memory=is_amount),
)
REPLIES: Mapping[str, Shape] = {
    "probe": record(facts=_FACTS),
    "has_code": record(has=is_flag),
    "list_files": record(files=many(_FILE)),
    "read_file": record(size=is_count),
    "pack": record(size=is_count),
    "unpack": record(existed=is_flag),
    "cleanup": record(done=many(is_text)),
    "attach": record(attached=_ATTACHED),
}
"""Shapes of the replies that have content."""

FAILURE = record(kind=one_of(*FailureKind), message=is_text)
_EVENTS: Mapping[str, Shape] = {
    "launched": record(),
    "waiting": record(wants=is_text, refusal=is_text),
    "output": record(line=is_text),
    "ended": record(failure=optional(FAILURE)),
    "refused": record(reason=is_text),
}
_RECORDS: Mapping[str, Shape] = {"accepted": record(), **_EVENTS}
_RECORD = record(at=is_count, event=one_of(*_RECORDS), job=is_text)
_PORTS = many(row(is_text, is_count, lambda port: is_count(port) and 1 <= port <= LAST_PORT))
_MESSAGES: Mapping[str, Shape] = {
    "pong": record(pong=is_count),
    "unknown": record(unknown=is_text),
    "reserved": either(
        record(reserved=is_text, ports=_PORTS), record(reserved=is_text, error=is_text)
    ),
    "trouble": record(trouble=is_text),
    "notice": record(notice=is_text),
    "replaced": record(replaced=is_flag),
}


def is_event(event: Mapping[str, Json]) -> bool:
    """Tell whether something is an event of a job, which may lack the job's name."""
    kind = event.get("event")
    return isinstance(kind, str) and kind in _EVENTS and _EVENTS[kind](event)


def is_message(message: Mapping[str, Json]) -> bool:
    """Tell whether a message is one that a daemon sends."""
    if "event" in message:
        return _RECORD(message) and _RECORDS[message["event"]](message)
    shape = next((shape for kind, shape in _MESSAGES.items() if kind in message), None)
    return shape is not None and shape(message)

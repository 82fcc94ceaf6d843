"""Whatever the far end sends, a request ends, in bounded memory, with one line that says why."""

import io
import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from sweepwright.runner_client.bootstrap import MARKER
from sweepwright.runner_client.runner_session import ProtocolBroken, RunnerError, RunnerSession
from tests.sweepwright.runner_client.hostile_far_end import (
    FACTS,
    HELLO,
    READY,
    ScriptedStream,
    line,
    mutations,
)

REQUESTS: dict[str, tuple[Any, Callable[[RunnerSession], Any]]] = {
    "probe": ({"ok": True, "facts": FACTS}, lambda s: s.probe(["torch"])),
    "has_code": ({"ok": True, "has": True}, lambda s: s.has_code("0" * 64)),
    "put_code": ({"ok": True}, lambda s: s.put_code("0" * 64, [b"x"], 1)),
    "list_files": (
        {"ok": True, "files": [{"trial": 1, "attempt": 2, "path": "a", "size": 3}]},
        lambda s: s.list_files("s", [(1, 2)]),
    ),
    "read_file": ({"ok": True, "size": 0}, lambda s: s.read_file("s", "a", 0, 10)),
    "pack": ({"ok": True, "size": 0}, lambda s: list(s.pack("s", "a"))),
    "unpack": ({"ok": True, "existed": True}, lambda s: s.unpack("s", "a", io.BytesIO(), 0, "")),
    "cleanup": ({"ok": True, "done": ["a"]}, lambda s: s.cleanup("s")),
    "attach": ({"attached": HELLO}, lambda s: s.attach("s", None, {})),
    "refused": ({"error": "no\nno", "kind": "full"}, lambda s: s.cleanup("s")),
}
RECORDS: list[dict[str, Any]] = [
    {"at": 5, "event": "accepted", "job": "j"},
    {"at": 5, "event": "launched", "job": "j", "handle": {"pids": [1]}},
    {"at": 5, "event": "waiting", "job": "j", "wants": "memory", "refusal": "none"},
    {"at": 5, "event": "output", "job": "j", "line": "{}"},
    {"at": 5, "event": "ended", "job": "j", "failure": {"kind": "error", "message": "x"}},
    {"at": 5, "event": "refused", "job": "j", "reason": "x"},
    {"pong": 1},
    {"unknown": "j"},
    {"reserved": "j", "ports": [["main", 0, 5000]]},
    {"reserved": "j", "error": "none"},
    {"trouble": "x"},
]


def session(message: Any) -> RunnerSession:
    """Make a session whose far end sends one message."""
    return RunnerSession(ScriptedStream(line(message)), 1.0)


def refusal(call: Callable[[], Any]) -> str:
    """Return the message of the error of a call, which must be ours; empty if there is none."""
    try:
        call()
    except RunnerError as error:
        message = str(error)
        assert message
        assert len(message.splitlines()) == 1
        assert len(message) <= 1100
        return message
    return ""


@pytest.mark.parametrize("request_", REQUESTS)
def test_every_reply_in_which_a_value_is_nonsense_is_refused_or_used(request_: str) -> None:
    reply, ask = REQUESTS[request_]
    refused = [refusal(partial(ask, session(changed))) for changed in mutations(reply)]
    honest = session(reply)

    assert bool(refusal(lambda: ask(honest))) == (request_ == "refused")
    assert len([reason for reason in refused if reason]) > len(refused) / 2 or len(reply) <= 2


@pytest.mark.parametrize("record", RECORDS, ids=" ".join)
def test_every_message_in_which_a_value_is_nonsense_is_refused_or_used(
    record: dict[str, Any],
) -> None:
    refused = [
        refusal(partial(session(changed).read_messages, 0.0)) for changed in mutations(record)
    ]

    assert session(record).read_messages(0.0) == [record]
    assert len([reason for reason in refused if reason]) > len(refused) / 2


@pytest.mark.parametrize(
    "sent",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"ok":true,"has":' + b"9" * 100_000 + b"}",
        b'{"ok":true,"has":NaN}',
        b"\xff\xfe{}",
        b"null",
        b"",
        b"\x00" * 1000,
    ],
    ids=["lists", "objects", "digits", "nan", "no utf-8", "null", "empty", "zeros"],
)
def test_what_is_no_message_breaks_the_connection(sent: bytes) -> None:
    asking = RunnerSession(ScriptedStream(sent + b"\n"))
    listening = RunnerSession(ScriptedStream(sent + b"\n"))
    with pytest.raises(ProtocolBroken, match="something that is not a message"):
        asking.has_code("0" * 64)
    with pytest.raises(ProtocolBroken, match="something that is not a message"):
        listening.read_messages(0.0)


def listen(session: RunnerSession) -> None:
    while True:
        session.read_messages(0.0)


@pytest.mark.parametrize(
    ("ask", "starts"),
    [
        (lambda s: s.open("python3", "", "~", b""), b""),
        (lambda s: s.open("python3", "", "~", b""), MARKER),
        (lambda s: s.open("python3", "", "~", b""), READY[: READY.index(b"\n", 5) + 1]),
        (lambda s: s.has_code("0" * 64), b""),
        (lambda s: s.read_file("s", "a", 0, 10), b'{"ok":true,"size":4000000000}\n'),
        (lambda s: list(s.pack("s", "a")), b'{"ok":true,"size":4000000000}\n'),
        (listen, b""),
    ],
    ids=["junk", "word", "reply", "line", "content", "piece", "messages"],
)
def test_what_never_ends_is_given_up(ask: Callable[[RunnerSession], Any], starts: bytes) -> None:
    """The far end sends without a pause, and without a newline."""
    stream = ScriptedStream(starts, endless=b"\x1b[31m" * (1 << 16))
    if not starts:
        stream = ScriptedStream(endless=b"\x1b[31m" * (1 << 16))
    tracemalloc.start()
    reason = refusal(lambda: ask(RunnerSession(stream, 30.0)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert reason
    assert stream.given < 40 << 20
    assert peak < 120 << 20


class DrippingStream(ScriptedStream):
    """A connection that gives a byte just before the other end loses patience."""

    def __init__(self, clock: list[float]) -> None:
        super().__init__()
        self._clock = clock

    def read(self, timeout: float) -> bytes:
        self._clock[0] += 0.9
        if timeout < 0.9:
            raise TimeoutError
        return b"x"


@pytest.mark.parametrize(
    "ask",
    [
        lambda s: s.open("python3", "", "~", b""),
        lambda s: s.has_code("0" * 64),
        lambda s: s._read_content(1000, 1000),
    ],
    ids=["junk", "line", "content"],
)
def test_what_arrives_byte_by_byte_is_given_up(
    monkeypatch: pytest.MonkeyPatch, ask: Callable[[RunnerSession], Any]
) -> None:
    clock = [0.0]
    monkeypatch.setattr("sweepwright.runner_client.far_end.time.monotonic", lambda: clock[0])
    reason = refusal(lambda: ask(RunnerSession(DrippingStream(clock), 1.0)))

    assert reason in ("the other end is too slow", "x" * 4)
    assert clock[0] < 10

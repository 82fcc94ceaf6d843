"""Tests of the thread that keeps a machine attached."""

import threading
from collections.abc import Callable, Iterator, Sequence
from queue import Empty, SimpleQueue
from typing import Any

import pytest

from sweepwright.plugins.platforms.remote.machine_link import (
    Attached,
    Detached,
    LinkNotice,
    MachineLink,
    Received,
    UnfitMachineError,
)

HELLO = {"log": "x"}
SECONDS = 20.0


class ScriptedStream:
    """A stream whose messages a test gives, and which keeps what is sent."""

    hello: Any = HELLO

    def __init__(self) -> None:
        self.incoming: SimpleQueue[Any] = SimpleQueue()
        self.sent: SimpleQueue[Any] = SimpleQueue()
        self.closed = threading.Event()
        self.jammed = False

    def receive(self, seconds: float) -> list[Any]:
        try:
            message = self.incoming.get(timeout=seconds)
        except Empty:
            raise TimeoutError from None
        if message is None:
            raise ConnectionError("cut")
        return [message]

    def send(self, messages: Sequence[Any]) -> None:
        if self.jammed:
            raise ValueError("jammed")
        for message in messages:
            self.sent.put(message)

    def close(self) -> None:
        self.closed.set()
        self.incoming.put(None)


Start = Callable[..., tuple[MachineLink, "SimpleQueue[LinkNotice]"]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Give a function that starts a link with what each attempt to attach does."""
    links = []

    def begin(*outcomes: Any, heartbeat: float = SECONDS) -> Any:
        notices: SimpleQueue[LinkNotice] = SimpleQueue()
        left = iter(outcomes)

        def attach() -> ScriptedStream:
            outcome = next(left, ConnectionRefusedError("refused"))
            if isinstance(outcome, Exception):
                raise outcome
            assert isinstance(outcome, ScriptedStream)
            return outcome

        links.append(MachineLink("box", attach, notices, heartbeat))
        links[-1].start()
        return links[-1], notices

    yield begin
    for link in links:
        link.close()
        link.join(SECONDS)


def test_messages_pass_in_both_directions(start):
    stream = ScriptedStream()
    link, notices = start(stream)
    assert notices.get(timeout=SECONDS) == Attached("box", HELLO)
    link.send({"launch": "job"})
    stream.incoming.put({"pong": 1})
    stream.incoming.put({"event": "launched"})

    assert stream.sent.get(timeout=SECONDS) == {"launch": "job"}
    assert notices.get(timeout=SECONDS) == Received("box", [{"event": "launched"}])


def test_a_cut_connection_is_reported_and_made_again(start):
    first, second = ScriptedStream(), ScriptedStream()
    link, notices = start(first, second)
    notices.get(timeout=SECONDS)
    first.incoming.put(None)

    assert notices.get(timeout=SECONDS) == Detached("box", "cut")
    assert notices.get(timeout=SECONDS) == Attached("box", HELLO)
    assert first.closed.is_set()
    link.send({"launch": "job"})
    assert second.sent.get(timeout=SECONDS) == {"launch": "job"}


def test_a_frozen_peer_is_pinged_and_given_up(start):
    stream = ScriptedStream()
    _, notices = start(stream, heartbeat=0.15)
    notices.get(timeout=SECONDS)

    assert notices.get(timeout=SECONDS) == Detached("box", "no sign of life for 0.15 s")
    assert "ping" in stream.sent.get(timeout=SECONDS)


def test_a_machine_that_cannot_run_trials_is_told_apart(start):
    _, notices = start(UnfitMachineError("no Python"), OSError("no\nroute"))

    assert notices.get(timeout=SECONDS) == Detached("box", "no Python", unfit=True)
    assert notices.get(timeout=SECONDS) == Detached("box", "no route")


def test_a_message_to_a_machine_that_is_not_attached_is_dropped(start):
    stream = ScriptedStream()
    link, notices = start(OSError("refused"), stream)
    notices.get(timeout=SECONDS)
    link.send({"cancel": "job"})
    notices.get(timeout=SECONDS)
    link.send({"launch": "job"})

    assert stream.sent.get(timeout=SECONDS) == {"launch": "job"}


def test_a_link_that_is_closed_ends_its_connection_and_connects_no_more(start):
    stream = ScriptedStream()
    link, notices = start(stream)
    notices.get(timeout=SECONDS)
    link.close()
    link.join(SECONDS)

    assert stream.closed.is_set()
    assert isinstance(notices.get(timeout=SECONDS), Detached)
    assert notices.empty()


def test_a_stream_that_takes_nothing_is_given_up_although_it_still_gives_something(start):
    stream = ScriptedStream()
    stream.jammed = True
    link, notices = start(stream)
    notices.get(timeout=SECONDS)
    link.send({"launch": "job"})

    assert isinstance(notices.get(timeout=SECONDS), Detached)
    assert stream.closed.is_set()


def test_an_error_that_nobody_expects_does_not_end_the_link(start):
    broken, good = ScriptedStream(), ScriptedStream()
    broken.incoming = None  # type: ignore[assignment]
    _, notices = start(KeyError("oops"), broken, good)

    kinds = [type(notices.get(timeout=SECONDS)) for _ in range(4)]
    assert kinds == [Detached, Attached, Detached, Attached]


def test_a_driver_that_was_replaced_does_not_throw_the_other_one_out(start):
    stream, never = ScriptedStream(), ScriptedStream()
    link, notices = start(stream, never)
    notices.get(timeout=SECONDS)
    stream.incoming.put({"replaced": True})

    reason = "another driver has taken over the sweep"
    assert notices.get(timeout=SECONDS) == Detached("box", reason, unfit=True)
    link.join(SECONDS)
    assert notices.empty()


def test_messages_stay_on_their_machine_while_the_driver_does_nothing(start):
    stream = ScriptedStream()
    for number in range(5000):
        stream.incoming.put({"event": number})
    link, notices = start(stream)
    while notices.qsize() < 1000:
        stream.closed.wait(0.01)
    link.close()
    link.join(SECONDS)

    assert notices.qsize() < 1010

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
    stream.incoming.put({"event": "launched"})

    assert stream.sent.get(timeout=SECONDS) == {"launch": "job"}
    assert notices.get(timeout=SECONDS) == Received("box", [{"event": "launched"}])


def test_answers_to_pings_are_kept_from_the_platform_and_counted(start):
    stream = ScriptedStream()
    _, notices = start(stream, heartbeat=1.0)
    notices.get(timeout=SECONDS)
    assert "ping" in stream.sent.get(timeout=SECONDS)
    stream.incoming.put({"pong": 1})
    stream.incoming.put({"event": "launched"})
    assert notices.get(timeout=SECONDS) == Received("box", [{"event": "launched"}])
    for _ in range(1000):
        stream.incoming.put({"pong": 1})

    reason = "it answers pings that were not sent"
    assert notices.get(timeout=SECONDS) == Detached("box", reason, unfit=True)


def test_a_machine_that_sends_without_end_is_read_as_fast_as_the_platform_handles(start):
    stream = ScriptedStream()
    link, notices = start(stream)
    notices.get(timeout=SECONDS)
    for number in range(10):
        stream.incoming.put({"number": number})
    first = [notices.get(timeout=SECONDS), notices.get(timeout=SECONDS)]
    with pytest.raises(Empty):
        notices.get(timeout=0.05)
    link.on_handled()
    third = notices.get(timeout=SECONDS)

    assert [notice.messages[0]["number"] for notice in (*first, third)] == [0, 1, 2]
    assert stream.incoming.qsize() >= 6


def test_a_link_that_waits_for_the_platform_can_be_closed(start):
    stream = ScriptedStream()
    link, notices = start(stream)
    for number in range(10):
        stream.incoming.put({"number": number})
    for _ in range(3):
        notices.get(timeout=SECONDS)
    link.close()
    link.join(SECONDS)

    assert not link._thread.is_alive()


@pytest.mark.parametrize("error", [UnfitMachineError("nonsense"), RuntimeError("a\nbug")])
def test_whatever_goes_wrong_while_messages_are_read_detaches_the_machine(start, error):
    class Broken(ScriptedStream):
        def receive(self, _seconds: float) -> list[Any]:
            raise error

    _, notices = start(Broken())
    notices.get(timeout=SECONDS)
    detached = notices.get(timeout=SECONDS)

    assert detached.reason == " ".join(str(error).split())
    assert detached.unfit == isinstance(error, UnfitMachineError)


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
    class Frozen(ScriptedStream):
        pinged = threading.Event()

        def receive(self, seconds: float) -> list[Any]:
            self.pinged.wait(SECONDS)  # on a busy machine, the thread that sends may be late
            return super().receive(seconds)

        def send(self, messages: Sequence[Any]) -> None:
            super().send(messages)
            self.pinged.set()

    stream = Frozen()
    _, notices = start(stream, heartbeat=0.15)
    notices.get(timeout=SECONDS)

    assert notices.get(timeout=SECONDS) == Detached("box", "no message for 0.15 s")
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

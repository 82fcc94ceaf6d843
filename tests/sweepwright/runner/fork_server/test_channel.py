"""Messages and files arrive complete and in order, whatever pieces the socket accepts."""

import os
import socket
from typing import Any

import pytest

from sweepwright.runner.fork_server.channel import (
    Channel,
    close_files,
    require_files,
)
from tests.system.faults.limits import exhausted_descriptors


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    channels = Channel(ours), Channel(theirs)
    yield channels
    for channel in channels:
        channel.close()


def opened():
    """Open a file, and return its descriptor and its contents."""
    descriptor = os.open("/dev/null", os.O_RDONLY)
    return descriptor, os.fstat(descriptor).st_ino


def receive(channel, count):
    """Receive a number of messages."""
    messages: list[tuple[Any, Any]] = []
    while len(messages) < count:
        messages += channel.receive()
    return messages


def test_messages_arrive_in_order(ends) -> None:
    for number in range(3):
        assert ends[0].send({"number": number, "text": "é\ud800"})

    received = receive(ends[1], 3)
    assert [message["number"] for message, _ in received] == [0, 1, 2]
    assert received[0][0]["text"] == "é\ud800"


def test_files_stay_with_their_message(ends) -> None:
    (first, node), (second, _), (third, _) = opened(), opened(), opened()
    ends[0].send({"n": 0})
    ends[0].send({"n": 1}, [first, second])
    ends[0].send({"n": 2})
    ends[0].send({"n": 3}, [third])

    received = receive(ends[1], 4)
    assert [len(files) for _, files in received] == [0, 2, 0, 1]
    for file in (file for _, files in received for file in files):
        assert os.fstat(file).st_ino == node
        assert not os.get_inheritable(file)
        os.close(file)


def test_files_that_do_not_fit_are_lost_and_no_others(ends) -> None:
    """A process at its limit of open files receives the message, and is told of the loss."""
    (first, _), (second, node) = opened(), opened()
    ends[0].send({"n": 0}, [first])
    with exhausted_descriptors():
        [(message, lost)] = receive(ends[1], 1)
    ends[0].send({"n": 1})
    ends[0].send({"n": 2}, [second])

    assert (message["n"], lost) == (0, None)
    with pytest.raises(OSError, match="Too many open files"):
        require_files(lost)
    (_, none), (_, files) = receive(ends[1], 2)
    assert none == []
    assert [os.fstat(file).st_ino for file in files or ()] == [node]
    close_files(files or ())


def test_sent_files_are_handed_over(ends) -> None:
    file, _ = opened()
    ends[0].send({}, [file])

    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(file)


def test_data_refused_by_a_full_socket_are_sent_later() -> None:
    ours, theirs = socket.socketpair()
    ours.settimeout(0)
    sender, receiver = Channel(ours), Channel(theirs)
    file, _ = opened()
    assert not sender.send({"text": "x" * (1 << 20)})
    assert not sender.send({"text": "y"}, [file])
    received: list[tuple[Any, Any]] = []
    while not sender.flush():
        received += receiver.receive() or []
    received += receive(receiver, 2 - len(received))

    assert [message["text"][0] for message, _ in received] == ["x", "y"]
    assert [len(files) for _, files in received] == [0, 1]
    os.close(received[1][1][0])
    sender.close()
    receiver.close()


def test_no_message_yet_is_not_the_end(ends) -> None:
    ends[0]._socket.settimeout(0)

    assert ends[0].receive() == []


def test_a_receiver_that_is_gone_is_noticed(ends) -> None:
    file, _ = opened()
    ends[1].close()

    assert ends[0].send({"x": 1}, [file])
    assert ends[0].receive() is None
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(file)


def test_a_connection_reset_is_an_end(ends) -> None:
    ends[0].send({"unread": True})
    ends[1].close()

    assert ends[0].receive() is None


def test_closing_closes_files_that_were_not_handed_over() -> None:
    ours, theirs = socket.socketpair()
    ours.settimeout(0)
    sender = Channel(ours)
    file, _ = opened()
    sender.send({"text": "x" * (1 << 20)})
    sender.send({"text": "y"}, [file])
    sender.close()
    theirs.close()

    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(file)

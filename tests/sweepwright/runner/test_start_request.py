"""Ports are reserved for a job."""

import socket

import pytest

from sweepwright.runner.start_request import ReservedPorts

MEMBERS = [("worker", 0), ("worker", 1)]


@pytest.fixture
def ports():
    ports = ReservedPorts(MEMBERS)
    yield ports
    ports.close()


def listener(port: int, *options: int) -> socket.socket:
    server = socket.socket()
    for option in options:
        server.setsockopt(socket.SOL_SOCKET, option, 1)
    try:
        server.bind(("0.0.0.0", port))  # noqa: S104 - as libraries do
        server.listen()
    except OSError:
        server.close()
        raise
    return server


def test_each_process_has_a_port_of_its_own(ports) -> None:
    assert list(ports.numbers) == MEMBERS
    assert len(set(ports.numbers.values())) == 2


@pytest.mark.parametrize("option", [socket.SO_REUSEADDR, socket.SO_REUSEPORT])
def test_a_process_that_shares_the_address_can_listen_on_a_reserved_port(ports, option) -> None:
    port = ports.numbers["worker", 0]
    with listener(port, option) as server, socket.create_connection(("127.0.0.1", port)) as ours:
        theirs, _ = server.accept()
        with theirs:
            ours.sendall(b"hello")
            assert theirs.recv(5) == b"hello"


def test_a_process_that_does_not_share_the_address_cannot_listen(ports) -> None:
    with pytest.raises(OSError, match="in use"):
        listener(ports.numbers["worker", 0])


def test_a_released_port_is_free() -> None:
    ports = ReservedPorts(MEMBERS)
    port = ports.numbers["worker", 0]
    ports.close()

    listener(port).close()

"""Streams over a connection: bytes arrive, and nobody stays blocked."""

from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread

import pytest
from paramiko import SSHException

from sweepwright.plugins.platforms.remote.ssh import sockets
from sweepwright.plugins.platforms.remote.ssh.channel_stream import ChannelStream
from sweepwright.plugins.platforms.remote.ssh.connect_error import ConnectError
from sweepwright.plugins.platforms.remote.ssh.connection import Connection, _execute, connect
from tests.openssh import Server, Servers
from tests.plugins.platforms.remote.ssh.machines import machine

Connect = Callable[..., Connection]


def read_all(stream: ChannelStream) -> bytes:
    read = b""
    while part := stream.read(10):
        read += part
    return read


@pytest.fixture
def server(servers: Servers) -> Server:
    return servers.start("box")


def test_a_command_runs_in_the_home_folder_of_its_machine(
    server: Server, connected: Connect
) -> None:
    stream = connected(server).open('printf %s "$HOME"; echo trouble >&2; exit 3')

    assert read_all(stream) == str(server.home).encode()
    assert stream.exit_code(10) == 3
    assert stream.errors == "trouble\n"


def test_every_byte_arrives_in_both_directions(server: Server, connected: Connect) -> None:
    sent = bytes(range(256)) * 20_000
    stream = connected(server).open(f"head -c {len(sent)}")
    writer = Thread(target=stream.write, args=(sent,))
    writer.start()

    assert read_all(stream) == sent
    writer.join()


def test_one_connection_carries_many_streams(server: Server, connected: Connect) -> None:
    connection = connected(server)
    streams = [connection.open("head -c 3") for _ in range(20)]
    for number, stream in enumerate(streams):
        stream.write(f"{number:3}".encode())

    assert [read_all(stream) for stream in streams] == [f"{n:3}".encode() for n in range(20)]
    assert len(server.sessions()) in (1, 2)  # two where sshd separates privileges


def test_a_read_ends_when_its_time_is_over(server: Server, connected: Connect) -> None:
    stream = connected(server).open("cat")

    with pytest.raises(TimeoutError):
        stream.read(0.01)
    stream.write(b"late")
    assert stream.read(10) == b"late"


def test_a_command_that_floods_its_standard_error_is_not_blocked(
    server: Server, connected: Connect
) -> None:
    stream = connected(server).open("head -c 5000000 /dev/zero | tr '\\0' x >&2; echo done")

    assert read_all(stream) == b"done\n"
    assert set(stream.errors) == {"x"}


@pytest.mark.parametrize("close", ["stream", "connection"])
def test_a_writer_to_a_frozen_machine_is_freed_by_closing(
    server: Server, connected: Connect, close: str
) -> None:
    connection = connected(server)
    stream = connection.open("cat")
    blocked, freed = Event(), Event()

    def write_without_end() -> None:
        with suppress(ConnectionError):
            for _ in range(64):
                stream.write(bytes(1 << 20))
                blocked.set()
        freed.set()

    server.freeze()
    Thread(target=write_without_end, daemon=True).start()
    blocked.wait(10)
    (stream if close == "stream" else connection).close()

    assert freed.wait(10)


def test_a_write_that_a_frozen_machine_does_not_take_fails(
    server: Server, connected: Connect
) -> None:
    connection = connected(server)
    stream = connection.open("cat")
    stream._write_timeout = 0.3
    server.freeze()

    with pytest.raises(TimeoutError, match=r"nothing was accepted within 0\.3 s"):
        stream.write(bytes(16 << 20))


def test_a_full_socket_to_a_frozen_machine_is_cut(
    server: Server, connected: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The windows of several streams together are larger than the buffers of the socket."""
    monkeypatch.setattr(sockets, "UNSENT_MILLISECONDS", 500)
    connection = connected(server)
    streams = [connection.open("cat") for _ in range(16)]
    server.freeze()

    with pytest.raises(ConnectionError):  # noqa: PT012 - whichever stream finds the socket full
        for stream in streams:
            stream.write(bytes(2 << 20))


def test_a_reader_of_a_frozen_machine_is_freed_by_closing(
    server: Server, connected: Connect
) -> None:
    connection = connected(server)
    stream = connection.open("cat")
    server.freeze()
    ends: list[bytes] = []
    reader = Thread(target=lambda: ends.append(stream.read(60)), daemon=True)
    reader.start()
    connection.close()
    reader.join(10)

    assert ends == [b""]


def test_a_cut_connection_ends_its_streams(server: Server, connected: Connect) -> None:
    connection = connected(server)
    stream = connection.open("cat")
    server.kill_sessions()

    assert read_all(stream) == b""
    with pytest.raises(ConnectionError):
        stream.write(b"lost")
    with pytest.raises(ConnectError, match=r"the connection to .* has ended") as caught:
        connection.open("true")
    assert caught.value.transient
    assert not connection.alive


def test_a_frozen_machine_starts_no_command_in_time(server: Server, connected: Connect) -> None:
    connection = connected(server)
    server.freeze()

    with pytest.raises(ConnectError, match=r"has not started the command within 0\.3 s") as caught:
        connection.open("true", 0.3)
    assert caught.value.kind == "timeout"


def test_a_machine_that_freezes_before_it_starts_a_command_is_given_up(
    server: Server, connected: Connect
) -> None:
    connection = connected(server)
    channel = connection._transports[-1].open_session()
    server.freeze()

    with pytest.raises(SSHException):
        _execute(channel, "true", 0.3)


def test_a_machine_that_opens_no_session_says_which_setting_limits_it(
    servers: Servers, connected: Connect
) -> None:
    connection = connected(servers.start("narrow", lines=("MaxSessions 1",)))
    first = connection.open("cat")

    with pytest.raises(ConnectError, match="refuses another session") as caught:
        connection.open("true")
    assert (caught.value.kind, caught.value.transient) == ("sessions", True)
    assert "MaxSessions" in caught.value.help
    first.write(b"still here")
    assert first.read(10) == b"still here"


def test_a_server_that_was_started_anew_is_connected_to_again(server: Server) -> None:
    connect(machine(server)).close()
    server.restart()

    connection = connect(machine(server))
    assert read_all(connection.open("echo back")) == b"back\n"
    connection.close()


def test_nothing_that_a_machine_runs_outlives_its_server(server: Server) -> None:
    connection = connect(machine(server))
    stream = connection.open("setsid sh -c 'echo started; sleep 1000' &")
    stream.read(10)
    connection.close()

    assert server.processes()
    server.close()
    assert not server.processes()

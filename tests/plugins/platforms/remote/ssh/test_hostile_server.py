"""A server can neither open anything on this machine nor fill its memory."""

import io
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import paramiko
import pytest
from paramiko.common import AUTH_SUCCESSFUL, OPEN_SUCCEEDED, cMSG_CHANNEL_DATA

from sweepwright.plugins.platforms.remote.options import Machine
from sweepwright.plugins.platforms.remote.ssh.connection import Connection, connect
from tests.ssh_logins import key_pair

SECONDS = 20.0


class AdmitsEverybody(paramiko.ServerInterface):
    """A server that lets everybody in, and starts every command."""

    def check_auth_none(self, _username: str) -> int:
        return AUTH_SUCCESSFUL

    def get_allowed_auths(self, _username: str) -> str:
        return "none"

    def check_channel_request(self, _kind: str, _chanid: int) -> int:
        return OPEN_SUCCEEDED

    def check_channel_exec_request(self, _channel: paramiko.Channel, _command: bytes) -> bool:
        return True


class HostileServer:
    """A server of one connection, which a test controls."""

    def __init__(self, folder: Path) -> None:
        private, public = key_pair("hostile")
        self._key = paramiko.Ed25519Key(file_obj=io.StringIO(private))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        port = self._listener.getsockname()[1]
        known = folder / "known_hosts"
        known.write_text(f"[127.0.0.1]:{port} {' '.join(public.split()[:2])}\n")
        self.machine = Machine(
            "hostile", "127.0.0.1", port, "me", known_hosts=str(known), ssh_config="none"
        )

    def _serve(self) -> None:
        end, _ = self._listener.accept()
        self.transport = paramiko.Transport(end)
        self.transport.add_server_key(self._key)
        self.transport.start_server(server=AdmitsEverybody())

    def close(self) -> None:
        self._listener.close()
        self._thread.join(SECONDS)
        self.transport.close()


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[HostileServer]:
    """Give a server that ends with the test."""
    server = HostileServer(tmp_path)
    yield server
    server.close()


@pytest.fixture
def connection(hostile: HostileServer) -> Iterator[Connection]:
    """Give a connection to the server."""
    connection = connect(hostile.machine, SECONDS)
    yield connection
    connection.close()


@pytest.mark.parametrize(
    "ask",
    [
        lambda server: server.open_channel("session", timeout=SECONDS),
        lambda server: server.open_channel("auth-agent@openssh.com", timeout=SECONDS),
        lambda server: server.open_channel("x11", src_addr=("127.0.0.1", 1), timeout=SECONDS),
        lambda server: server.open_channel(
            "forwarded-tcpip", ("127.0.0.1", 22), ("127.0.0.1", 1), timeout=SECONDS
        ),
        lambda server: server.open_channel(
            "direct-tcpip", ("127.0.0.1", 22), ("127.0.0.1", 1), timeout=SECONDS
        ),
    ],
    ids=["session", "agent", "x11", "forwarded port", "direct port"],
)
def test_a_server_opens_nothing_here(
    hostile: HostileServer,
    connection: Connection,
    ask: Callable[[paramiko.Transport], paramiko.Channel],
) -> None:
    connection.open("true")
    with pytest.raises(paramiko.ChannelException):
        ask(hostile.transport)


def test_a_server_that_ignores_the_window_is_cut_off(
    hostile: HostileServer, connection: Connection
) -> None:
    """Nobody reads: the driver is busy with other machines."""
    stream = connection.open("true")
    channel = hostile.transport.accept(SECONDS)
    assert channel is not None
    data = paramiko.Message()
    data.add_byte(cMSG_CHANNEL_DATA)
    data.add_int(channel.remote_chanid)
    data.add_string(b"x" * 30_000)
    sent = 0
    deadline = time.monotonic() + SECONDS
    with suppress(OSError, EOFError, paramiko.SSHException):
        while connection.alive and time.monotonic() < deadline:
            hostile.transport._send_user_message(data)  # type: ignore[attr-defined]
            sent += 30_000

    assert not connection.alive
    assert len(stream._channel.in_buffer) <= 9 << 20
    assert sent < 200 << 20

# ruff: noqa: S106 - names of environment variables
"""Everything that can be wrong with a connection is told in one line, with a way out that works.

The limits of the issue: each fault in less than 15 s, of which the default time limit allows 10.
"""

import socket
import subprocess
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from sweepwright.plugins.platforms.remote.ssh.connection import connect
from tests.openssh import Server, Servers, silent_port
from tests.plugins.platforms.remote.ssh.machines import commands, failure, follow, machine
from tests.ssh_logins import temporary_user


@pytest.fixture
def server(servers: Servers) -> Server:
    return servers.start("box")


def test_an_unknown_host_is_refused_until_its_key_is_accepted(
    servers: Servers, tmp_path: Path
) -> None:
    server = servers.start("box", known=False)
    error = failure(server, known_hosts=str(tmp_path / "made by the way out"))
    listed = ["ssh-keygen", "-lf", str(server.folder / "host_key.pub")]
    fingerprint = subprocess.run(listed, check=True, capture_output=True, text=True).stdout.split()

    assert error.kind == "host_key_unknown"
    assert not error.transient
    assert f"`[127.0.0.1]:{server.port}` is not known" in str(error)
    assert fingerprint[1] in str(error)
    follow(commands(error)[-1])
    connect(machine(server, known_hosts=str(tmp_path / "made by the way out"))).close()


def test_a_changed_host_key_is_refused_until_the_old_one_is_removed(
    servers: Servers, tmp_path: Path
) -> None:
    server, other = servers.start("box"), servers.start("other")
    known = tmp_path / "known"
    known.write_text(f"# a comment\n[127.0.0.1]:{server.port} {other.host_key}\n")
    error = failure(server, known_hosts=str(known))

    assert error.kind == "host_key_changed"
    assert f"not the one in line 2 of `{known}`" in str(error)
    for command in commands(error):
        follow(command)
    connect(machine(server, known_hosts=str(known))).close()


def test_no_login_is_tried_where_the_host_key_is_refused(servers: Servers) -> None:
    server = servers.start("box", known=False, lines=("LogLevel DEBUG1",))
    failure(server)

    assert "userauth-request" not in server.log


def test_a_refused_port_is_told(server: Server) -> None:
    server.stop()
    error = failure(server)

    assert (error.kind, error.transient) == ("refused", True)
    assert str(error) == f"`127.0.0.1` port {server.port} refuses connections"


def test_a_name_that_cannot_be_resolved_is_told(server: Server) -> None:
    error = failure(server, host="no-such-machine.invalid")

    assert (error.kind, error.transient) == ("unresolved", True)
    assert "`Host no-such-machine.invalid`" in error.help


def test_a_host_that_drops_packets_is_given_up_in_time(server: Server) -> None:
    with silent_port(backlog=True) as port:
        error = failure(server, 0.3, port=port)

    assert (error.kind, error.transient) == ("timeout", True)
    assert str(error) == f"`127.0.0.1` port {port} has not answered within 0.3 s"


def test_a_host_that_accepts_and_says_nothing_is_given_up_in_time(server: Server) -> None:
    with silent_port() as port:
        error = failure(server, 0.3, port=port)

    assert error.kind == "timeout"
    assert "accepts connections, but has not answered within 0.3 s" in str(error)


def test_a_server_that_freezes_is_given_up_in_time(server: Server) -> None:
    server.freeze()

    assert failure(server, 0.3).kind == "timeout"


def test_a_port_of_another_protocol_is_told(server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        answering = Thread(target=_answer_http, args=(listener,))
        answering.start()
        error = failure(server, port=listener.getsockname()[1])
        answering.join()

    assert (error.kind, error.transient) == ("not_ssh", False)
    assert "no SSH server answers" in str(error)


def _answer_http(listener: socket.socket) -> None:
    accepted, _ = listener.accept()
    with accepted:
        accepted.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 100)
        accepted.recv(100)


def test_a_server_that_hangs_up_is_told(server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        hanging_up = Thread(target=_hang_up, args=(listener,))
        hanging_up.start()
        error = failure(server, port=listener.getsockname()[1])
        hanging_up.join()

    assert (error.kind, error.transient) == ("closed", True)
    assert "`MaxStartups`" in error.help


def _hang_up(listener: socket.socket) -> None:
    listener.accept()[0].close()


def test_a_password_that_is_not_set_is_asked_for_by_the_name_of_its_variable(
    servers: Servers,
) -> None:
    server = servers.start("box", lines=("PasswordAuthentication yes",))
    error = failure(server, identity_file=None, password_env="SWEEPWRIGHT_NO_PASSWORD")

    assert error.kind == "password_unset"
    assert "`SWEEPWRIGHT_NO_PASSWORD`" in str(error)


def test_a_server_without_passwords_says_what_it_accepts(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOX_PASSWORD", "xyzzy")
    error = failure(server, identity_file=None, password_env="BOX_PASSWORD")

    assert "accepts no passwords, but only publickey" in str(error)


@pytest.mark.parametrize(
    "lines",
    [("PasswordAuthentication yes",), ("KbdInteractiveAuthentication yes", "UsePAM yes")],
    ids=["password", "keyboard-interactive"],
)
def test_a_password_opens_a_machine_and_a_wrong_one_is_told(
    servers: Servers, monkeypatch: pytest.MonkeyPatch, lines: tuple[str, ...]
) -> None:
    with temporary_user("right, $(and) 'spaced'") as user:
        server = servers.start("box", user=user, lines=lines)
        monkeypatch.setenv("BOX_PASSWORD", "wrong")
        by_password: dict[str, Any] = {"identity_file": None, "password_env": "BOX_PASSWORD"}
        error = failure(server, **by_password)
        monkeypatch.setenv("BOX_PASSWORD", "right, $(and) 'spaced'")

        connect(machine(server, **by_password)).close()

    assert error.kind == "authentication"
    assert "refuses the password in the environment variable `BOX_PASSWORD`" in str(error)


def test_a_server_that_wants_two_proofs_is_told(servers: Servers) -> None:
    server = servers.start(
        "box",
        lines=("PasswordAuthentication yes", "AuthenticationMethods publickey,password"),
    )
    error = failure(server)

    assert "also password" in str(error)

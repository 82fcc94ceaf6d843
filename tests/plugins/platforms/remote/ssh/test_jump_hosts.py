"""Machines behind others: jumps by option and by configuration, and a ``ProxyCommand``."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from sweepwright.plugins.platforms.remote.ssh.connection import Connection
from tests.openssh import Server, Servers, silent_port
from tests.plugins.platforms.remote.ssh.machines import failure, proxies, proxy_command
from tests.ssh_logins import make_key, temporary_user

Connect = Callable[..., Connection]


@pytest.fixture
def jump(servers: Servers) -> Server:
    return servers.start("jump")


@pytest.fixture
def server(servers: Servers) -> Server:
    return servers.start("box")


def through(*jumps: Server) -> str:
    return ",".join(f"{jump.user}@{jump.host}:{jump.port}" for jump in jumps)


def test_a_machine_behind_two_others_is_reached(
    servers: Servers, jump: Server, server: Server, connected: Connect
) -> None:
    second = servers.start("second")
    stream = connected(server, jump=through(jump, second)).open("echo $HOME")

    assert stream.read(10) == f"{server.home}\n".encode()
    assert jump.sessions()
    assert second.sessions()


def test_closing_the_connection_closes_those_to_the_jump_hosts(
    jump: Server, server: Server, connected: Connect
) -> None:
    connection = connected(server, jump=through(jump))
    processes = [psutil.Process(pid) for pid in jump.sessions()]
    connection.close()

    gone, alive = psutil.wait_procs(processes, timeout=10)
    assert gone
    assert not alive


def test_a_jump_host_cut_off_ends_the_connection(
    jump: Server, server: Server, connected: Connect
) -> None:
    stream = connected(server, jump=through(jump)).open("cat")
    jump.kill_sessions()

    assert stream.read(10) == b""


def test_the_configuration_may_name_the_jump(
    servers: Servers, jump: Server, server: Server, connected: Connect, bare_home: Path
) -> None:
    (bare_home / ".ssh" / "config").write_text(
        f"""
        Host box
            HostName 127.0.0.1
            Port {server.port}
            ProxyJump gate
        Host gate
            HostName 127.0.0.1
            Port {jump.port}
        Host *
            IdentityFile "{servers.identity_file}"
            UserKnownHostsFile "{servers.known_hosts}"
        """
    )
    by_configuration = {"ssh_config": None, "identity_file": None, "known_hosts": None}
    connection = connected(server, host="box", port=None, **by_configuration)

    assert jump.sessions()
    assert connection.host == "127.0.0.1"


def test_a_proxy_command_carries_the_connection_and_ends_with_it(
    server: Server, connected: Connect, bare_home: Path, tmp_path: Path
) -> None:
    relay = proxy_command(tmp_path)
    configuration = f"Host box\n HostName 127.0.0.1\n ProxyCommand {relay} %h %p\n"
    (bare_home / ".ssh" / "config").write_text(configuration)
    connection = connected(server, host="box", ssh_config=None)
    stream = connection.open("head -c 5")
    stream.write(b"hello")

    assert stream.read(10) == b"hello"
    assert len(proxies(relay)) == 1
    connection.close()
    assert not proxies(relay)


def test_a_proxy_command_for_a_shell_is_refused(server: Server, bare_home: Path) -> None:
    (bare_home / ".ssh" / "config").write_text("Host box\n ProxyCommand nc %h %p | tee log\n")
    error = failure(server, host="box", ssh_config=None)

    assert error.kind == "configuration"
    assert "needs a shell: `nc box " in str(error)
    assert "`ProxyJump`" in error.help


def test_a_proxy_command_that_cannot_be_run_is_told(server: Server, bare_home: Path) -> None:
    (bare_home / ".ssh" / "config").write_text("Host box\n ProxyCommand /no/such/program %h\n")
    error = failure(server, host="box", ssh_config=None)

    assert "cannot be run: no such file or directory" in str(error)


def test_a_proxy_command_that_ends_is_told(server: Server, bare_home: Path) -> None:
    (bare_home / ".ssh" / "config").write_text("Host box\n ProxyCommand false\n")
    error = failure(server, host="box", ssh_config=None)

    assert error.kind == "closed"


def test_a_proxy_command_that_hangs_is_ended(server: Server, bare_home: Path) -> None:
    (bare_home / ".ssh" / "config").write_text("Host box\n ProxyCommand sleep 1000\n")
    error = failure(server, 0.3, host="box", ssh_config=None)

    assert error.kind == "timeout"
    assert not proxies("sleep 1000")


def test_a_jump_host_that_refuses_the_key_is_named(
    jump: Server, server: Server, tmp_path: Path
) -> None:
    (jump.folder / "authorized_keys").write_text(
        make_key(tmp_path / "other").with_name("other.pub").read_text()
    )
    error = failure(server, jump=through(jump))

    assert error.kind == "authentication"
    assert f"port {jump.port} accepts none of the keys" in str(error)


def test_an_unknown_jump_host_is_refused(servers: Servers, server: Server) -> None:
    jump = servers.start("jump", known=False)
    error = failure(server, jump=through(jump))

    assert error.kind == "host_key_unknown"
    assert f"`[127.0.0.1]:{jump.port}`" in str(error)


def test_an_unknown_machine_behind_a_jump_host_is_accepted_by_the_given_command(
    servers: Servers, jump: Server, connected: Connect
) -> None:
    server = servers.start("box", known=False)
    error = failure(server, jump=through(jump))
    assert error.kind == "host_key_unknown"
    command = error.help.split("`")[-2]
    subprocess.run(["/bin/sh", "-c", command], check=True)

    assert connected(server, jump=through(jump)).alive


def test_a_port_that_the_jump_host_finds_refused_is_told(jump: Server, server: Server) -> None:
    server.stop()
    error = failure(server, jump=through(jump))

    assert (error.kind, error.transient) == ("refused", True)
    assert f"port {jump.port} cannot connect to" in str(error)


def test_a_jump_host_that_forbids_forwarding_says_which_setting_does(
    servers: Servers, server: Server
) -> None:
    jump = servers.start("jump", lines=("AllowTcpForwarding no",))
    error = failure(server, jump=through(jump))

    assert error.kind == "configuration"
    assert "`AllowTcpForwarding yes`" in error.help


@pytest.mark.parametrize("backlog", [False, True], ids=["silent", "dropping"])
def test_a_silent_host_behind_a_jump_host_is_given_up_in_time(
    jump: Server, server: Server, *, backlog: bool
) -> None:
    with silent_port(backlog=backlog) as port:
        error = failure(server, 2.0, jump=through(jump), port=port)

    assert error.kind == "timeout"
    assert f"port {port}" in str(error)


def test_a_jump_host_that_freezes_is_given_up_in_time(jump: Server, server: Server) -> None:
    jump.freeze()

    assert failure(server, 0.3, jump=through(jump)).kind == "timeout"


def test_a_jump_host_has_a_password_of_its_own(
    servers: Servers, server: Server, connected: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    with temporary_user("of the gate") as user:
        lines = ("PasswordAuthentication yes", "PubkeyAuthentication no")
        jump = servers.start("jump", user=user, lines=lines)
        monkeypatch.setenv("GATE_PASSWORD", "of the gate")
        named = {"jump_password_env": "GATE_PASSWORD"}

        assert connected(server, jump=through(jump), **named).alive


def test_jumps_in_a_circle_are_refused(server: Server, bare_home: Path) -> None:
    (bare_home / ".ssh" / "config").write_text("Host a\n ProxyJump b\nHost b\n ProxyJump a\n")
    error = failure(server, host="a", ssh_config=None)

    assert error.kind == "configuration"
    assert "lead in a circle" in str(error)

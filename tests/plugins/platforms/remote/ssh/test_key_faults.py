"""Everything that can be wrong with a private key or an agent."""

import shlex
import socket
import subprocess
from pathlib import Path

import pytest

from sweepwright.plugins.platforms.remote.ssh.connection import connect
from tests.openssh import Server, Servers
from tests.plugins.platforms.remote.ssh.machines import commands, failure, follow, machine
from tests.ssh_logins import make_key


@pytest.fixture
def server(servers: Servers) -> Server:
    return servers.start("box")


def test_a_key_that_is_not_admitted_is_named(server: Server, tmp_path: Path) -> None:
    key = make_key(tmp_path / "other key")
    error = failure(server, identity_file=str(key))

    assert error.kind == "authentication"
    assert str(error) == (
        f"`{server.user}@127.0.0.1` port {server.port} accepts none of the keys: `{key}`"
    )
    copy = shlex.split(commands(error)[-1])
    assert copy == [
        *("ssh-copy-id", "-i", str(key), "-p", str(server.port)),
        f"{server.user}@127.0.0.1",
    ]


def test_a_missing_key_file_is_told(server: Server, tmp_path: Path) -> None:
    error = failure(server, identity_file=str(tmp_path / "none"))

    assert error.kind == "key_file"
    assert str(error) == f"there is no private key `{tmp_path / 'none'}`"


def test_a_key_that_others_may_read_is_refused_until_they_may_not(
    servers: Servers, server: Server
) -> None:
    servers.identity_file.chmod(0o644)
    error = failure(server)

    assert error.kind == "key_file"
    assert "can be read by others" in str(error)
    follow(*commands(error))
    connect(machine(server)).close()


@pytest.mark.parametrize("content", ["", "no key\n", "public"])
def test_a_file_that_is_no_private_key_is_told(
    servers: Servers, server: Server, tmp_path: Path, content: str
) -> None:
    file = tmp_path / "file"
    public = servers.identity_file.with_name("id_ed25519.pub").read_text()
    file.write_text(public if content == "public" else content)
    file.chmod(0o600)
    error = failure(server, identity_file=str(file))

    assert error.kind == "key_file"
    assert "not the `.pub` file" in error.help


def test_an_encrypted_key_is_used_once_the_agent_has_it(
    servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The help says `ssh-add`; the key of the agent is then found by its public half."""
    key = make_key(tmp_path / "encrypted", "a passphrase")
    server = servers.start("box")
    (server.folder / "authorized_keys").write_text(key.with_name("encrypted.pub").read_text())
    error = failure(server, identity_file=str(key), agent=True)

    assert error.kind == "key_file"
    assert f"`eval $(ssh-agent) && ssh-add {key}`" in error.help
    with_agent = ["ssh-agent", "-D", "-a", str(tmp_path / "agent")]
    with subprocess.Popen(with_agent, stdout=subprocess.PIPE) as agent:
        assert agent.stdout
        agent.stdout.readline()  # it listens
        monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "agent"))
        _add_to_agent(key, "a passphrase", tmp_path)
        connect(machine(server, identity_file=str(key), agent=True)).close()
        agent.terminate()


def _add_to_agent(key: Path, passphrase: str, folder: Path) -> None:
    asking = folder / "askpass"
    asking.write_text(f"#!/bin/sh\necho '{passphrase}'\n")
    asking.chmod(0o700)
    environment = [f"SSH_ASKPASS={asking}", "SSH_ASKPASS_REQUIRE=force"]
    adding = ["env", *environment, "ssh-add", str(key)]
    subprocess.run(adding, check=True, capture_output=True)


def test_an_agent_that_does_not_answer_is_given_up_in_time(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "agent"))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "agent"))
        listener.listen()
        error = failure(server, 2.0, identity_file=None, agent=True)

    assert error.kind == "agent"


def test_without_any_key_the_ways_to_log_in_are_listed(server: Server) -> None:
    error = failure(server, identity_file=None)

    assert error.kind == "authentication"
    assert "there is no private key" in str(error)
    assert all(name in error.help for name in ("`identity_file`", "`password_env`"))


def test_too_many_keys_are_told(server: Server, bare_home: Path, tmp_path: Path) -> None:
    strange = [make_key(tmp_path / f"key {number}") for number in range(8)]
    lines = "".join(f'IdentityFile "{key}"\n' for key in strange)
    (bare_home / ".ssh" / "config").write_text(lines)
    error = failure(server, identity_file=None, ssh_config=None)

    assert error.kind == "authentication"
    assert "closed the connection after" in str(error)
    assert "`identity_file`" in error.help

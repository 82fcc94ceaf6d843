"""The way to a machine, from its options and the SSH configuration."""

from pathlib import Path
from typing import Any

import pytest

from sweepwright.plugins.platforms.remote.options import Machine
from sweepwright.plugins.platforms.remote.ssh.connect_error import ConnectError
from sweepwright.plugins.platforms.remote.ssh.ssh_config import Hop, Route, find_route


def route(configuration: str, home: Path, **options: Any) -> Route:
    (home / ".ssh" / "config").write_text(configuration)
    return find_route(Machine(**{"name": "box", "host": "box"} | options))


def hop(configuration: str, home: Path, **options: Any) -> Hop:
    return route(configuration, home, **options).hops[-1]


def test_without_a_configuration_the_host_is_taken_as_it_is(bare_home: Path) -> None:
    found = hop("", bare_home, user="me")

    assert (found.server.host, found.server.port, found.user) == ("box", 22, "me")
    assert found.keys == ("~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa")
    assert found.server.files[0] == "~/.ssh/known_hosts"


def test_the_configuration_resolves_a_host(bare_home: Path) -> None:
    found = route(
        """
        Host box
            HostName %h.lab.example
            Port 2222
            User lab
            IdentityFile ~/.ssh/lab
            IdentitiesOnly yes
            HostKeyAlias boxes
            ConnectTimeout 3
            UserKnownHostsFile ~/.ssh/lab_hosts
        Host other
            User nobody
        """,
        bare_home,
    )
    last = found.hops[-1]

    assert (last.server.host, last.server.port, last.user) == ("box.lab.example", 2222, "lab")
    assert last.keys == (f"{bare_home}/.ssh/lab",)
    assert last.identities_only
    assert last.server.listed_name == "boxes"
    assert last.server.files[0] == "~/.ssh/lab_hosts"
    assert found.connect_seconds == 3


def test_options_come_before_the_configuration(bare_home: Path) -> None:
    configuration = "Host box\n Port 1\n User a\n IdentityFile k\n ProxyJump j\n"
    own = {"port": 2, "user": "b", "identity_file": "/l", "known_hosts": "/h", "jump": "none"}
    found = route(configuration, bare_home, **own)
    last = found.hops[-1]

    assert len(found.hops) == 1
    assert (last.server.port, last.user, last.keys) == (2, "b", ("/l",))
    assert last.server.files == ("/h",)
    assert last.explicit_key


def test_a_configuration_can_be_left_out_or_chosen(bare_home: Path, tmp_path: Path) -> None:
    other = tmp_path / "other config"
    other.write_text("Host box\n User of-the-other\n")

    assert hop("Host *\n User of-the-first\n", bare_home, ssh_config=str(other)).user == (
        "of-the-other"
    )
    assert hop("nonsense", bare_home, ssh_config="none", user="me").user == "me"


def test_included_files_are_read_where_they_are_named(bare_home: Path) -> None:
    folder = bare_home / ".ssh" / "conf.d"
    folder.mkdir()
    (folder / "1").write_text("Host box\n Port 1111\n")
    (folder / "2").write_text("Host other\n User nobody\n")
    (bare_home / ".ssh" / "inside").write_text("HostName inside.example\n")
    configuration = "Include conf.d/*\nUser everybody\nHost box\n Include=inside\n Port 2\n"
    found = hop(configuration, bare_home)

    assert (found.server.host, found.server.port) == ("inside.example", 1111)
    assert found.user == "everybody"


def test_what_follows_an_included_file_belongs_to_the_block_before(bare_home: Path) -> None:
    (bare_home / ".ssh" / "hosts").write_text("Host other\n Port 1\n")
    found = hop("Host box\n Include hosts\n Port 2\nHost *\n Port 3\n", bare_home)

    assert found.server.port == 2


def test_a_match_block_applies(bare_home: Path) -> None:
    found = hop("Match host box user lab\n Port 7\nMatch originalhost other\n User x\n", bare_home)
    matched = hop("Host box\n User lab\nMatch host box user lab\n Port 7\n", bare_home)

    assert found.server.port == 22
    assert matched.server.port == 7


@pytest.mark.parametrize(
    ("jump", "expected"),
    [
        ("gate", [("gate", 22)]),
        ("me@gate:2222", [("gate", 2222)]),
        ("ssh://me@gate:2222", [("gate", 2222)]),
        ("me@[fe80::1]:22, second", [("fe80::1", 22), ("second", 22)]),
        ("fe80::1", [("fe80::1", 22)]),
        ("none", []),
    ],
)
def test_jumps_are_written_as_for_ssh(
    bare_home: Path, jump: str, expected: list[tuple[str, int]]
) -> None:
    hops = route("", bare_home, jump=jump).hops

    assert [(each.server.host, each.server.port) for each in hops[:-1]] == expected
    assert hops[-1].server.behind == bool(expected)


@pytest.mark.parametrize("jump", ["@gate", "gate:port", "", "a,,b"])
def test_a_jump_that_is_no_address_is_told(bare_home: Path, jump: str) -> None:
    with pytest.raises(ConnectError, match="is not the address of a jump host"):
        route("", bare_home, jump=jump)


@pytest.mark.parametrize("configuration", ["nonsense\n", "Include config\n", 'Host "box\n'])
def test_a_configuration_that_cannot_be_read_is_told(bare_home: Path, configuration: str) -> None:
    with pytest.raises(ConnectError, match="the SSH configuration") as caught:
        route(configuration, bare_home)
    assert caught.value.kind == "configuration"
    assert "`ssh_config`" in caught.value.help


def test_a_port_that_is_no_number_is_told(bare_home: Path) -> None:
    with pytest.raises(ConnectError, match="the port `ssh`, which is not a number"):
        route("Host box\n Port ssh\n", bare_home)


def test_a_configuration_that_was_asked_for_must_exist(bare_home: Path) -> None:
    with pytest.raises(ConnectError, match="cannot be read: No such file"):
        route("", bare_home, ssh_config="/no/such/file")

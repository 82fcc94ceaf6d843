"""What known_hosts files say about a key, compared with OpenSSH's own tools."""

import base64
import subprocess
from pathlib import Path

import pytest

from sweepwright.plugins.platforms.remote.ssh.connect_error import ConnectError
from sweepwright.plugins.platforms.remote.ssh.host_keys import (
    HostKey,
    Server,
    check_host_key,
    preferred_types,
    read_known_hosts,
)

KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIJ1N9jUzgRQ2bPkY0PA4SqBqTrDDR2s3wzfLKv0X9xTA"
OTHER = "AAAAC3NzaC1lZDI1NTE5AAAAIPyGyBGoKKMx9rUhHvOnIvl1eRfBZ7qqWlRyr3eH0bTB"


def key(text: str = KEY) -> HostKey:
    return HostKey("ssh-ed25519", base64.b64decode(text))


def verdict(lines: str, server: Server, folder: Path) -> str:
    """Return the kind of refusal, or `accepted`."""
    file = folder / "known_hosts"
    file.write_text(lines)
    try:
        check_host_key(server, key(), read_known_hosts([str(file)]))
    except ConnectError as error:
        return error.kind
    return "accepted"


BOX = Server("Box", 22)
BOX_2222 = Server("box", 2222)


@pytest.mark.parametrize(
    ("line", "server", "expected"),
    [
        (f"box ssh-ed25519 {KEY} a comment", BOX, "accepted"),
        (f"other,box,third ssh-ed25519 {KEY}", BOX, "accepted"),
        (f"b*,!box ssh-ed25519 {KEY}", BOX, "host_key_unknown"),
        (f"b?x ssh-ed25519 {KEY}", BOX, "accepted"),
        (f"boxes ssh-ed25519 {KEY}", BOX, "host_key_unknown"),
        (f"box ssh-ed25519 {OTHER}", BOX, "host_key_changed"),
        (f"box ssh-ed25519 {OTHER}\nbox ssh-ed25519 {KEY}", BOX, "accepted"),
        (f"box ssh-rsa {OTHER}", BOX, "host_key_changed"),
        (f"@revoked box ssh-ed25519 {KEY}\nbox ssh-ed25519 {KEY}", BOX_2222, "host_key_changed"),
        (f"[box]:2222 ssh-ed25519 {KEY}", BOX_2222, "accepted"),
        (f"[box]:2222 ssh-ed25519 {KEY}", BOX, "host_key_unknown"),
        (f"[box]:2223 ssh-ed25519 {KEY}", BOX_2222, "host_key_unknown"),
        (f"box ssh-ed25519 {KEY}", BOX_2222, "accepted"),
        (f"box ssh-ed25519 {OTHER}", BOX_2222, "host_key_unknown"),
        (f"alias ssh-ed25519 {KEY}", Server("box", 2222, "alias"), "accepted"),
        (f"[box]:2222 ssh-ed25519 {KEY}", Server("box", 2222, "alias"), "host_key_unknown"),
        (f"@revoked box ssh-ed25519 {KEY}\nbox ssh-ed25519 {KEY}", BOX, "host_key_changed"),
        (f"@revoked * ssh-ed25519 {KEY}", BOX, "host_key_changed"),
        (f"@cert-authority box ssh-ed25519 {KEY}", BOX, "host_key_unknown"),
        (f"# box ssh-ed25519 {KEY}", BOX, "host_key_unknown"),
        (f"box ssh-ed25519\n\nbox\nbox ssh-ed25519 !!!\nbox ssh-ed25519 {KEY}", BOX, "accepted"),
        ("|1|broken ssh-ed25519 x", BOX, "host_key_unknown"),
        ("", BOX, "host_key_unknown"),
    ],
)
def test_a_line_is_understood_as_ssh_does(
    tmp_path: Path, line: str, server: Server, expected: str
) -> None:
    assert verdict(line + "\n", server, tmp_path) == expected


@pytest.mark.parametrize(("name", "server"), [("box", BOX), ("[box]:2222", BOX_2222)])
def test_hashed_names_are_found(tmp_path: Path, name: str, server: Server) -> None:
    file = tmp_path / "hashed"
    file.write_text(f"{name} ssh-ed25519 {KEY}\n")
    hashing = ["ssh-keygen", "-H", "-f", str(file)]
    subprocess.run(hashing, check=True, capture_output=True)
    hashed = file.read_text()

    assert "box" not in hashed
    assert verdict(hashed, server, tmp_path) == "accepted"
    assert verdict(hashed, Server("bax", server.port), tmp_path) == "host_key_unknown"


def test_a_changed_key_under_a_pattern_is_removed_by_its_line(tmp_path: Path) -> None:
    file = tmp_path / "known hosts"
    file.write_text(f"# first\n*.lab,box* ssh-ed25519 {OTHER}\n")
    with pytest.raises(ConnectError) as caught:
        check_host_key(Server("box", 22, files=(str(file),)), key(), read_known_hosts([str(file)]))

    assert f"`sed -i 2d '{file}'`" in caught.value.help


def test_files_that_are_missing_know_no_host(tmp_path: Path) -> None:
    assert read_known_hosts([str(tmp_path / "none"), str(tmp_path)]) == []


def test_a_host_is_asked_for_a_key_of_a_known_type(tmp_path: Path) -> None:
    file = tmp_path / "known"
    file.write_text(f"box ssh-rsa {KEY}\nother ssh-ed25519 {KEY}\nbox ecdsa-sha2-nistp256 {KEY}\n")

    assert preferred_types(BOX, read_known_hosts([str(file)])) == [
        "ssh-rsa",
        "ecdsa-sha2-nistp256",
    ]


def test_the_command_that_accepts_a_key_quotes_what_a_shell_would_expand() -> None:
    server = Server("$(box)", 22, files=("~/.ssh/known hosts",))
    with pytest.raises(ConnectError) as caught:
        check_host_key(server, key(), [])

    assert "-p 22 '$(box)' >> ~/'.ssh/known hosts'`" in caught.value.help


def test_a_key_of_another_type_than_the_known_one_counts_as_changed(tmp_path: Path) -> None:
    """Whoever intercepts a connection cannot show the known key, but one of another type."""
    file = tmp_path / "known_hosts"
    file.write_text(f"box ecdsa-sha2-nistp256 {OTHER}\n")
    with pytest.raises(ConnectError) as caught:
        check_host_key(Server("box", 22, files=(str(file),)), key(), read_known_hosts([str(file)]))

    assert caught.value.kind == "host_key_changed"
    assert "presents the ED25519 key SHA256:" in caught.value.message
    assert f"the ECDSA key in line 1 of `{file}`" in caught.value.message
    assert "intercepting" in caught.value.message
    assert caught.value.help.startswith("if you know why it changed, accept the new key: `ssh-key")
    assert not caught.value.transient

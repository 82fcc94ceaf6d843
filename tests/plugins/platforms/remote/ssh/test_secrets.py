"""A password is seen by the server alone: in no log, error, option or process listing."""

import logging
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from sweepwright.plugins.platforms.remote.ssh.connection import Connection
from tests.openssh import Server, Servers
from tests.plugins.platforms.remote.ssh.machines import failure, machine, proxies, proxy_command
from tests.ssh_logins import temporary_user

CANARY = "canary-7fK2vQ"
BY_PASSWORD: dict[str, Any] = {"identity_file": None, "password_env": "BOX_PASSWORD"}


@pytest.fixture
def server(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Start a server to which the canary is the password of a user."""
    monkeypatch.setenv("BOX_PASSWORD", CANARY)
    with temporary_user(CANARY) as user:
        lines = ("PasswordAuthentication yes", "LogLevel DEBUG3")
        yield servers.start("box", user=user, lines=lines)


@pytest.fixture
def logged(tmp_path: Path) -> Iterator[Path]:
    """Log everything to a file, as a user does who looks for a fault."""
    file = tmp_path / "debug.log"
    handler = logging.FileHandler(file)
    root, paramiko = logging.getLogger(), logging.getLogger("paramiko")
    levels = root.level, paramiko.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    paramiko.setLevel(logging.DEBUG)
    yield file
    root.removeHandler(handler)
    handler.close()
    root.setLevel(levels[0])
    paramiko.setLevel(levels[1])


def test_a_password_is_in_no_log_and_no_repr(
    server: Server, logged: Path, connected: Callable[..., Connection]
) -> None:
    connection = connected(server, **BY_PASSWORD)
    connection.open("true").read(10)
    seen = [repr(machine(server, **BY_PASSWORD)), repr(connection), repr(vars(connection))]

    assert CANARY not in "".join(seen)
    assert CANARY not in logged.read_text()
    assert CANARY not in server.log  # where a fault of the server would show it


def test_a_password_is_in_no_error(
    server: Server, logged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOX_PASSWORD", f"wrong-{CANARY}")
    error = failure(server, **BY_PASSWORD)
    told = traceback.TracebackException.from_exception(error, capture_locals=True)

    assert error.__context__ is None
    assert CANARY not in "".join(told.format())
    assert CANARY not in repr(vars(error))
    assert logged.read_text() == ""


def test_a_password_is_in_no_process_listing_and_not_inherited(
    server: Server, connected: Callable[..., Connection], bare_home: Path, tmp_path: Path
) -> None:
    relay = proxy_command(tmp_path)
    configuration = f"Host box\n HostName 127.0.0.1\n ProxyCommand {relay} %h %p\n"
    (bare_home / ".ssh" / "config").write_text(configuration)
    connected(server, host="box", ssh_config=None, **BY_PASSWORD)
    listed = [" ".join(each.info["cmdline"] or ()) for each in psutil.process_iter(["cmdline"])]
    (proxy,) = proxies(relay)

    assert CANARY not in "".join(listed)
    assert proxy.environ()["HOME"] == str(bare_home)
    assert "BOX_PASSWORD" not in proxy.environ()

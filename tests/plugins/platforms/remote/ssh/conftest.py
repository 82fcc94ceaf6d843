"""Connections for the tests of SSH."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sweepwright.plugins.platforms.remote.ssh.connection import Connection, connect
from tests.openssh import Server
from tests.plugins.platforms.remote.ssh.machines import machine


@pytest.fixture(autouse=True)
def bare_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the client a home folder without keys, and no agent."""
    home = tmp_path / "client home"
    (home / ".ssh").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return home


@pytest.fixture
def connected() -> Iterator[Callable[..., Connection]]:
    """Connect to machines, and close the connections with the test."""
    opened: list[Connection] = []

    def open_connection(server: Server, **more: Any) -> Connection:
        opened.append(connect(machine(server, **more)))
        return opened[-1]

    yield open_connection
    for each in opened:
        each.close()

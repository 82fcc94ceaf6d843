"""Sweeps on real OpenSSH servers, each of which stands for a machine."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.openssh import Server, Servers, running_servers
from tests.system.remote.disturbed_sweeps import RemoteSweep
from tests.system.remote.remote_sweeps import Machines


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    """Give SSH servers that end with the test."""
    with running_servers(tmp_path) as running:
        yield running


@pytest.fixture
def sweep_on(tmp_path: Path) -> Iterator[Callable[..., RemoteSweep]]:
    """Give a function that makes a sweep on servers, in a folder of the test's."""
    made: list[RemoteSweep] = []

    def make(*servers: Server, folder: str = ".", **more: Any) -> RemoteSweep:
        made.append(RemoteSweep(tmp_path / folder, servers, dict(os.environ), **more))
        return made[-1]

    yield make
    for sweep in made:
        sweep.close()


@pytest.fixture
def machines(tmp_path: Path, servers: Servers) -> Machines:
    """Give an inventory of servers, for sweeps that can also run on this machine."""
    return Machines(tmp_path, servers)

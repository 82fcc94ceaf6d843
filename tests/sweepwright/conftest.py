"""Folders that stand for machines."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sweepwright.runner_client.runner_harness import Machine


@pytest.fixture(scope="session")
def kits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder for kits that many machines share, so that each is compiled once."""
    return tmp_path_factory.mktemp("kits")


@pytest.fixture
def machine(tmp_path: Path, kits: Path) -> Iterator[Machine]:
    """Make a machine, and end at the end what runs on it."""
    machine = Machine(tmp_path / "machine")
    machine.folder.mkdir(mode=0o700)
    (machine.folder / "kits").symlink_to(kits)
    yield machine
    machine.close()


@pytest.fixture
def new_machine(tmp_path: Path) -> Iterator[Machine]:
    """Make a machine on which nothing is installed."""
    machine = Machine(tmp_path / "new" / "machine")
    yield machine
    machine.close()

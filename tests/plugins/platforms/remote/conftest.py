"""Machines for the tests of ``platform=remote``: real SSH servers on loopback."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.openssh import Servers, running_servers


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    """Give SSH servers that end with the test."""
    with running_servers(tmp_path) as running:
        yield running

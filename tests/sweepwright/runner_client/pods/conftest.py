"""Containers on this machine."""

from pathlib import Path

import pytest

from tests.sweepwright.runner_client.pods.pod_harness import Cluster


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    """Make a place for containers."""
    return Cluster(tmp_path)

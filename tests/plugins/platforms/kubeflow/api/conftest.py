"""Clusters of the API server for tests."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sweepwright.plugins.platforms.kubeflow.api.cluster import (
    Cluster,
    ClusterSettings,
    open_cluster,
)
from sweepwright.testing.kubernetes import ApiServer
from tests.plugins.platforms.kubeflow.api.scripted_server import NoJitter

Connect = Callable[..., Cluster]


@pytest.fixture
def server() -> Iterator[ApiServer]:
    """Serve the API, with the bookmarks of an hour."""
    with ApiServer(namespaces=("default", "lab"), collection_delay=0.0) as server:
        yield server


@pytest.fixture
def connect(server: ApiServer, tmp_path: Path) -> Iterator[Connect]:
    """Return a function that opens a cluster, as any user, without pauses between attempts."""
    opened: list[Cluster] = []

    def connect(**of_kubeconfig: Any) -> Cluster:
        file = server.kubeconfig(tmp_path / "kubeconfig", **{"namespace": "lab", **of_kubeconfig})
        settings = ClusterSettings(
            kubeconfig=str(file), requests_per_second=1e6, burst=1000, give_up=20
        )
        cluster = open_cluster(settings)
        cluster.random = NoJitter()
        opened.append(cluster)
        return cluster

    yield connect
    for cluster in opened:
        cluster.close()

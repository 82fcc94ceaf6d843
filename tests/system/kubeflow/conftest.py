"""Sweeps in a cluster on this machine, which all tests of a file share."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.system.kubeflow.cluster_sweeps import ClusterSweep
from tests.system.kubeflow.stand_in_cluster import StandInCluster, running_cluster


@pytest.fixture(scope="module")
def shared_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandInCluster]:
    """Run a cluster for the tests of one file."""
    pytest.importorskip("kubernetes")
    with running_cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture
def world(shared_cluster: StandInCluster) -> Iterator[StandInCluster]:
    """Give the cluster without traces of other tests."""
    shared_cluster.reset()
    yield shared_cluster
    shared_cluster.server.faults.clear()


@pytest.fixture
def sweep_in(tmp_path: Path, world: StandInCluster) -> Iterator[Callable[..., ClusterSweep]]:
    """Give a function that makes a sweep in the cluster, in a folder of the test's."""
    made: list[ClusterSweep] = []

    def make(folder: str = "sweep", **more: Any) -> ClusterSweep:
        made.append(ClusterSweep(tmp_path / folder, world, dict(os.environ), **more))
        return made[-1]

    yield make
    for sweep in made:
        sweep.close()

"""The contract suites, on the double of a cluster whose containers are processes."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sweepwright.contracts import PlatformProvider
from sweepwright.plugins.platforms.pai import sweep_platforms
from sweepwright.plugins.platforms.pai.options import PaiOptions, StorageOptions
from sweepwright.testing.openpai.cluster import OpenPai
from sweepwright.testing.openpai.http_server import served
from sweepwright.testing.openpai.rate_limits import Limits
from sweepwright.testing.outliving import OutlivingSuite
from sweepwright.testing.platforms import PlatformSuite
from sweepwright.testing.processes import ProcessSuite

MANY = Limits(10**6, 10**6, 10**6)


class OnCluster(PlatformSuite):
    """A suite in front of a cluster with a storage for output and checkpoints."""

    outlives = True
    provider: PlatformProvider[Any] = sweep_platforms()[0]
    cluster: OpenPai
    storage: Path

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _cluster(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
        cls.storage = tmp_path_factory.mktemp("storage")
        folder = tmp_path_factory.mktemp("containers")
        storages = {"team": cls.storage}
        double = OpenPai(folder, users={"alice": "token"}, storages=storages, limits=MANY)
        with served(double) as cluster:
            cls.cluster = cluster
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("PAI_TOKEN", "token")
                yield

    def options(self) -> PaiOptions:
        return PaiOptions(
            url=self.cluster.url,
            username="alice",
            python=sys.executable,
            storages=(StorageOptions("team", local=str(self.storage)),),
            files="team",
            submissions_per_hour=10**6,
            lists_per_minute=10**6,
            requests_per_minute=10**6,
            poll_seconds=0.1,
            log_seconds=0.1,
        )


@pytest.mark.ci_only
class TestOutliving(OnCluster, OutlivingSuite):
    """Jobs that outlive their driver."""


@pytest.mark.ci_only
class TestProcesses(OnCluster, ProcessSuite):
    """What happens in containers, which are processes of this machine here."""


@pytest.mark.ci_only
class TestWithCodeOnStorage(OnCluster):
    """The code is on the storage, and not in the jobs."""

    def options(self) -> PaiOptions:
        return replace(super().options(), code="storage")

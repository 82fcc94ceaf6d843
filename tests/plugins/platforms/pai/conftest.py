"""A cluster for the tests of ``platform=pai``, on a clock that they move."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from sweepwright.contracts import Job, Waiting, Workspace
from sweepwright.events import Failure
from sweepwright.plugins.platforms.pai.building import build_pai
from sweepwright.plugins.platforms.pai.options import PaiOptions
from sweepwright.testing.openpai.cluster import OpenPai
from sweepwright.testing.openpai.http_server import served
from sweepwright.testing.openpai.jobs import PaiJob
from sweepwright.testing.platform_harness import PlatformHarness, sweep_of


@dataclass
class Drivers:
    """Drivers of one sweep, one after the other, in front of one cluster."""

    cluster: OpenPai
    folder: Path
    options: PaiOptions
    opened: list[PlatformHarness]

    def start(self, cluster: OpenPai | None = None, /, **changes: Any) -> PlatformHarness:
        """Start a driver, with other options, or in front of another cluster."""
        cluster = cluster or self.cluster
        options = replace(self.options, url=cluster.url, **changes)
        workspace = Workspace(sweep_of(self.folder), self.folder, 4, resumed=bool(self.opened))
        platform = build_pai(options, workspace, cluster.clock)
        self.opened.append(PlatformHarness(platform, self.folder, 30.0))
        return self.opened[-1]

    def submit(self, harness: PlatformHarness, job: Job, state: str) -> PaiJob:
        """Poll until OpenPAI has accepted a job, and then only wait until it is in a state."""
        harness.watch(lambda: any(name == job.name for _, name in self.cluster.jobs))
        return self.cluster.wait_for(job.name, state)

    @property
    def submissions(self) -> list[int]:
        """The status of each submission so far."""
        return [
            status
            for method, path, status in self.cluster.requests
            if (method, path) == ("POST", "/api/v2/jobs")
        ]


def waits(harness: PlatformHarness, job: Job) -> list[tuple[str, str]]:
    """Return what a job has waited for, and why."""
    return [(e.wants, e.refusal) for e in harness.of(job) if isinstance(e, Waiting)]


def last_wait(harness: PlatformHarness, job: Job) -> tuple[str, str]:
    """Return what a job waits for, and why; empty texts if it does not."""
    return waits(harness, job)[-1] if waits(harness, job) else ("", "")


def run(harness: PlatformHarness, job: Job) -> Failure | None:
    """Watch a job until its end, and return its failure."""
    harness.watch_to_end(job)
    return harness.failure(job)


@pytest.fixture
def make_cluster(tmp_path: Path) -> Iterator[Callable[..., OpenPai]]:
    """Make clusters that end with the test; options are those of `OpenPai`."""
    contexts: list[AbstractContextManager[OpenPai]] = []

    def make(**options: Any) -> OpenPai:
        options.setdefault("users", {"alice": "token"})
        context = served(OpenPai(tmp_path / f"containers{len(contexts)}", **options))
        contexts.append(context)
        return context.__enter__()

    yield make
    for context in contexts:
        context.__exit__(None, None, None)


@pytest.fixture
def drivers(
    make_cluster: Callable[..., OpenPai], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Drivers]:
    """Give drivers in front of a cluster with the limits that clusters have."""
    monkeypatch.setenv("PAI_TOKEN", "token")
    cluster = make_cluster()
    folder = tmp_path / "sweep"
    folder.mkdir()
    options = PaiOptions(
        url=cluster.url,
        username="alice",
        python=sys.executable,
        poll_seconds=0.1,
        log_seconds=0.1,
        lists_per_minute=10**6,
        requests_per_minute=10**6,
    )
    cluster.limiters["list"].limit = cluster.limiters["request"].limit = 10**6
    given = Drivers(cluster, folder, options, [])
    yield given
    for harness in given.opened:
        harness.platform.close()

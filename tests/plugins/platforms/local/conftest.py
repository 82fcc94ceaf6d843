"""Harnesses that run small programs on the local platform."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sweepwright.contracts import Command, Job
from sweepwright.plugins.platforms.local import LocalOptions
from tests.plugins.platforms.local.deaths.families import FAMILY
from tests.plugins.platforms.local.local_harness import LocalHarness


@pytest.fixture
def build_harness(tmp_path: Path) -> Iterator[Callable[..., LocalHarness]]:
    """Build harnesses with given options, and close them at the end."""
    benches: list[LocalHarness] = []

    def build(concurrency: int = 2, **options: Any) -> LocalHarness:
        benches.append(LocalHarness(tmp_path, LocalOptions(**options), concurrency))
        return benches[-1]

    yield build
    for harness in benches:
        harness.platform.close()


@pytest.fixture
def harness(build_harness: Callable[..., LocalHarness]) -> LocalHarness:
    """Build a harness with the default options."""
    return build_harness()


@pytest.fixture
def shell() -> Callable[[str], Command]:
    """Make an entry of a shell script."""
    return lambda script: Command(("/bin/sh", "-c", script))


@pytest.fixture
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the grace, for processes that ignore SIGTERM."""
    monkeypatch.setattr("sweepwright.runner.fork_server_client.GRACE_SECONDS", 0.3)


@pytest.fixture
def family(harness: LocalHarness, tmp_path: Path) -> Job:
    """Start a job that has many descendants."""
    job = harness.launch(FAMILY, environment={"WITNESS": str(tmp_path / "pids")})
    harness.start(job)
    return job

"""Fixtures for commands about trials that run elsewhere: a platform, and sweeps on it."""

from importlib.metadata import entry_points
from pathlib import Path

import pytest

from sweepwright.core.registry.registry import Registry
from sweepwright.testing.simulated import Cluster, simulated_provider
from tests.core.cli.application import App, write_files
from tests.core.cli.elsewhere.simulated_platform import Offers, behave, plan_on
from tests.core.recorded_sweeps import record


@pytest.fixture
def offers(monkeypatch: pytest.MonkeyPatch) -> Offers:
    """Offer ``platform=simulated`` to the application."""
    offers = Offers(simulated_provider(Cluster(behave)))
    built_in = {entry.name: entry.load() for entry in entry_points(group="sweepwright")}
    monkeypatch.setattr(Registry, "load", lambda: Registry.of({**built_in, "here": offers}))
    return offers


@pytest.fixture
def cluster(offers: Offers) -> Cluster:
    """Return a cluster to which the application has access."""
    cluster = Cluster(behave)
    offers.provider = simulated_provider(cluster)
    return cluster


@pytest.fixture
def sweep(app: App, cluster: Cluster) -> Path:
    """Run a sweep of two trials on the cluster."""
    ran = app("trial=noop", "platform=simulated", "max_trials=2", "--quiet")
    assert ran.code == 0, ran.err
    assert len(cluster.runs) == 2
    (folder,) = Path("sweeps").iterdir()
    return folder


@pytest.fixture
def local_sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Record a sweep on the local platform whose only trial has written its output."""
    monkeypatch.chdir(tmp_path)
    folder = record(Path("sweeps"), [0.5], of=plan_on("local"))
    write_files(folder / "trials/0/1", {"main-0.stdout": "hello\n", "checkpoint/weights": "42"})
    return folder

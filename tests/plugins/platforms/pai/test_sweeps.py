"""Whole sweeps through the command line, in front of the double."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sweepwright.testing.openpai.cluster import OpenPai
from sweepwright.testing.openpai.rate_limits import Limits
from tests.forked_commands import RUN_PY, run_forked
from tests.system.sweeps import exported

MANY = Limits(10**6, 10**6, 10**6)
HYPERBAND = ["tuner=hyperband", "framework=sklearn", "budget={minimum: 2, maximum: 6}"]
STEPS = [
    "tuner=random",
    "framework=python",
    "trial=noop",
    "max_trials=4",
    "concurrency=2",
    "reproducible=true",
]


@pytest.fixture
def cluster(make_cluster: Callable[..., OpenPai], tmp_path: Path) -> OpenPai:
    storage = tmp_path / "storage"
    storage.mkdir()
    return make_cluster(storages={"team": storage}, limits=MANY)


class Sweeps:
    """Commands about the sweeps of a store."""

    def __init__(self, cluster: OpenPai, folder: Path) -> None:
        self.cluster = cluster
        self.store = folder / "store"
        self.code = folder / "code"
        self.code.mkdir()
        self.environment = {**os.environ, "PAI_TOKEN": "token"}
        self.options = [
            "platform=pai",
            f"platform.url={cluster.url}",
            "platform.username=alice",
            f"platform.python={sys.executable}",
            f"platform.storages=[{{name: team, local: {folder / 'storage'}}}]",
            "platform.files=team",
            "platform.poll_seconds=0.1",
            "platform.log_seconds=0.1",
            "platform.submissions_per_hour=100000",
            "platform.lists_per_minute=100000",
            "platform.requests_per_minute=100000",
        ]

    def run(self, *arguments: str, **environment: str) -> Any:
        """Run a command to its end."""
        return run_forked(
            [*arguments, f"store.path={self.store}"], {**self.environment, **environment}
        )

    def sweep(self, *arguments: str, **environment: str) -> Any:
        """Run a sweep."""
        return self.run(*arguments, *self.options, "--quiet", **environment)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The trials of the newest sweep."""
        return exported(self.store, self.environment)


@pytest.fixture
def sweeps(cluster: OpenPai, tmp_path: Path) -> Sweeps:
    return Sweeps(cluster, tmp_path)


@pytest.mark.ci_only
def test_a_hyperband_sweep_promotes_trials_with_their_checkpoints(sweeps: Sweeps) -> None:
    ran = sweeps.sweep(*HYPERBAND, "concurrency=4")

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert {row["state"] for row in sweeps.rows} == {"measured"}
    assert {job.state for job in sweeps.cluster.jobs.values()} == {"SUCCEEDED"}
    assert any(name.endswith("-2") for _, name in sweeps.cluster.jobs), "nothing was promoted"
    logs = sweeps.run("logs", "0")
    assert logs.returncode == 0
    cleaned = sweeps.run("cleanup")
    assert cleaned.returncode == 0, cleaned.stderr
    assert not list((sweeps.store.parent / "storage" / "sweepwright").iterdir())


@pytest.mark.ci_only
@pytest.mark.parametrize("experiment", ["mnist_distributed_pytorch", "mnist_distributed_tf"])
def test_trials_of_several_roles_find_each_other(sweeps: Sweeps, experiment: str) -> None:
    pytest.importorskip("torch" if experiment.endswith("pytorch") else "tensorflow")
    ran = sweeps.sweep(
        f"+experiment={experiment}",
        "max_trials=1",
        "budget={minimum: 1, maximum: 1}",
        "tuner=random",
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    [job] = sweeps.cluster.jobs.values()
    assert len(job.tasks) > 1
    assert job.state == "SUCCEEDED"


POINTS = [
    "asked:1",
    "opened:1",
    "committed:2",
    "launched:1",
    "launched:3",
    "seen:2",
    "acknowledged:3",
]


@pytest.mark.ci_only
@pytest.mark.parametrize("point", POINTS)
def test_a_killed_driver_is_resumed(sweeps: Sweeps, point: str) -> None:
    """No job runs twice, none is lost, and none is left running."""
    killed = subprocess.run(
        [sys.executable, RUN_PY, *STEPS, *sweeps.options, f"store.path={sweeps.store}", "--quiet"],
        env={**sweeps.environment, "SWEEPWRIGHT_FAIL_POINT": point},
        capture_output=True,
        check=False,
    )
    resumed = sweeps.run("resume", "--quiet")

    assert killed.returncode == -9
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert len(sweeps.rows) == 4
    names = [name for _, name in sweeps.cluster.jobs]
    assert len(names) == len({name.rpartition("-r")[0] or name for name in names}) == 4
    assert all(job.final for job in sweeps.cluster.jobs.values())


def test_a_plan_tells_how_long_submissions_take(sweeps: Sweeps) -> None:
    ran = sweeps.run("plan", "tuner=random", "framework=sklearn", "platform=pai", "max_trials=206")

    assert ran.returncode == 0, ran.stderr
    assert "at most 60 an hour (pai): the last attempt starts after 3 h 00 min" in ran.stdout


def test_without_a_cluster_it_is_said_what_is_missing(sweeps: Sweeps) -> None:
    ran = sweeps.run("tuner=hyperband", "framework=sklearn", "platform=pai", PAI_TOKEN="")

    assert ran.returncode == 2
    assert "no OpenPAI cluster is given: `platform.url` is null" in ran.stderr
    assert "no user is given: `platform.username` is null" in ran.stderr
    assert "the environment variable `PAI_TOKEN` has no token" in ran.stderr
    assert "`sweepwright render`" in ran.stderr

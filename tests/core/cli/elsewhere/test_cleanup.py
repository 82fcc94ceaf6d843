"""The command that ends and removes what a sweep left elsewhere."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from sweepwright.contracts import Job, PythonFile, Role
from sweepwright.core.store.lock import take_lock
from sweepwright.testing.simulated import Cluster
from tests.core.cli.application import App
from tests.core.cli.elsewhere.simulated_platform import Offers, plan_on
from tests.core.recorded_sweeps import record


def test_a_sweep_is_cleaned_up(app: App, sweep: Path, cluster: Cluster) -> None:
    ran = app("cleanup")

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [f"removed {sweep.name}-{n}-1" for n in (0, 1)]
    assert cluster.runs == {}
    assert app("cleanup").out == f"sweep {sweep.name} left nothing to clean up\n"


def test_an_unfinished_sweep_is_cleaned_up_only_on_request(app: App, cluster: Cluster) -> None:
    folder = record(Path("sweeps"), [0.5], "interrupted", of=plan_on("simulated"))
    cluster.launch(_job(folder))
    refused = app("cleanup")

    assert (refused.code, refused.out) == (2, "")
    assert "its checkpoints would be lost" in refused.err
    assert f"cleanup {folder.name} --unfinished" in refused.err
    assert cluster.runs

    done = app("cleanup", "--unfinished")

    assert done.out == f"removed {folder.name}-0-1\n"
    assert "will find no checkpoints" in done.err
    assert not cluster.runs


def test_checkpoints_in_a_place_of_their_own_outlive_a_cleanup(
    app: App, cluster: Cluster, offers: Offers
) -> None:
    offers.provider = replace(offers.provider, checkpoint_place=lambda *_: "a bucket")
    folder = record(Path("sweeps"), [0.5], "interrupted", of=plan_on("simulated"))
    cluster.launch(_job(folder))
    refused = app("cleanup")
    done = app("cleanup", "--unfinished")

    assert "its jobs would be ended, and a resume would run them again" in refused.err
    assert done == (0, f"removed {folder.name}-0-1\n", "")


def _job(folder: Path) -> Job:
    return Job(f"{folder.name}-0-1", (Role("main", PythonFile("example.py")),))


def test_a_sweep_with_a_driver_is_not_cleaned_up(app: App, sweep: Path, cluster: Cluster) -> None:
    lock = take_lock(sweep)
    try:
        ran = app("cleanup")
    finally:
        os.close(lock)

    assert ran.code == 2
    assert "is being driven by another process; stop it first" in ran.err
    assert len(cluster.runs) == 2


def test_a_local_sweep_is_cleaned_up_without_asking(app: App) -> None:
    folder = record(Path("sweeps"), [0.5], None, of=plan_on("local"))

    assert app("cleanup") == (
        0,
        f"sweep {folder.name} left nothing to clean up\n",
        "",
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("command", [["logs", "0"], ["fetch", "0"], ["cleanup"]])
def test_settings_of_another_user_are_not_trusted(
    command: Sequence[str], app: App, sweep: Path, cluster: Cluster
) -> None:
    os.chown(sweep, 54321, -1)
    ran = app(*command)

    assert ran.code == 2
    assert f"if you trust them: {command[0]} --trust-owner" in ran.err
    assert app(*command, "--trust-owner").code == 0
    assert bool(cluster.runs) is (command != ["cleanup"])

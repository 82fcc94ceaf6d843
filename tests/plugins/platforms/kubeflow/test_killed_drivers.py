"""A driver that is killed at any point leaves its jobs to the next one; none is made twice."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from sweepwright.core.driver.crash_points import CRASH_POINTS
from tests.forked_commands import run_forked
from tests.plugins.platforms.kubeflow.cluster_rig import ClusterRig, cluster_rig

TRIAL = """
import time
from sweepwright.trial import get_next_parameter, report_final_result, report_intermediate_result
x = get_next_parameter()["learning_rate"]
for step in range(3):
    report_intermediate_result(x + step)
    time.sleep(0.05)
report_final_result(x)
"""
# At this moment jobs run.
QUICK = "seen:6"


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[ClusterRig]:
    with cluster_rig(tmp_path) as rig:
        (tmp_path / "code").mkdir()
        (tmp_path / "code" / "trial.py").write_text(TRIAL)
        yield rig


def sweep_command(rig: ClusterRig) -> list[str]:
    return [
        "tuner=random",
        "platform=kubeflow",
        "framework=python",
        f"trial.folder={rig.folder / 'code'}",
        "+trial.entries.python=trial.py",
        f"platform.kubeconfig={rig.folder / 'config'}",
        "platform.image=trial:1",
        "max_trials=4",
        "concurrency=2",
        "seed=3",
        f"store.path={rig.folder / 'store'}",
    ]


@pytest.mark.parametrize(
    "point",
    [
        QUICK,
        *(
            pytest.param(f"{point}:{count}", marks=pytest.mark.ci_only)
            for point in CRASH_POINTS
            # The four trials of the sweep may be opened and launched two at a time.
            for count in (1, 2, *([] if point in ("asked", "opened", "launched") else [8]))
        ),
    ],
)
def test_a_killed_driver_costs_no_trial(rig: ClusterRig, point: str) -> None:
    environment = {**os.environ, "SWEEPWRIGHT_FAIL_POINT": point}
    killed = run_forked(sweep_command(rig), environment)
    assert killed.returncode == -9, killed.stderr
    resumed = run_forked(["resume", f"store.path={rig.folder / 'store'}"], dict(os.environ))
    if resumed.returncode == 2 and point == "asked:1":  # nothing was recorded yet
        return

    assert resumed.returncode == 0, resumed.stderr
    assert "4 trials finished" in resumed.stdout
    jobs = Counter(name.rsplit("-", 1)[0] for name in rig.created)
    assert set(jobs.values()) == {1}, "a job was made twice"
    assert len(jobs) == 4, f"a trial was repeated: {rig.created}"
    assert rig.left() == []

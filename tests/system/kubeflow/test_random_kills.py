"""Drivers are killed and pods taken away at random; the sweep ends like an undisturbed one.

``SWEEPWRIGHT_KILL_SEED=5 pytest -m ci_only tests/system/kubeflow/test_random_kills.py`` kills at
other moments.
"""

import os
import random
import time
from collections.abc import Callable, Sequence

import pytest

from sweepwright.testing.kubernetes import StatusError
from tests.forked_commands import ForkedCommand
from tests.system.driven_sweeps import FLAKY, SECONDS, output_of
from tests.system.kubeflow.cluster_sweeps import ClusterSweep, assert_unharmed
from tests.system.kubeflow.stand_in_cluster import StandInCluster

SEED = os.environ.get("SWEEPWRIGHT_KILL_SEED", "7")


def drop_connections(world: StandInCluster, _pod: str) -> None:
    world.server.faults.drop_connections()


def expire_versions(world: StandInCluster, _pod: str) -> None:
    world.server.faults.expire_versions(within_watches=True)


def lose_answers(world: StandInCluster, _pod: str) -> None:
    world.server.faults.lose_answers(verb="create", resource="jobs")


def delete_pod(world: StandInCluster, pod: str) -> None:
    world.cluster.faults.delete_pod(pod)


def evict(world: StandInCluster, pod: str) -> None:
    world.cluster.faults.evict(pod)


def preempt(world: StandInCluster, pod: str) -> None:
    world.cluster.faults.preempt(pod)


DISTURBANCES: Sequence[Callable[[StandInCluster, str], None]] = (
    *(drop_connections, expire_versions, lose_answers),
    *(delete_pod, evict, preempt),
)


@pytest.mark.parametrize(
    ("tuner", "trials", "kills"),
    [
        pytest.param("random", 4, 2, marks=pytest.mark.ci_only),
        pytest.param("random", 16, 12, marks=pytest.mark.ci_only),
        pytest.param("asha", 12, 10, marks=pytest.mark.ci_only),
    ],
)
def test_killed_at_random_a_sweep_ends_like_an_undisturbed_one(
    sweep_in, tuner: str, trials: int, kills: int
) -> None:
    """Promoted trials of `asha` find their checkpoints, whoever was killed in between."""
    limits = (f"max_trials={trials}", "concurrency=4", f"retries.lost={kills}")
    budget = "budget={minimum: 1, maximum: 9}"
    stormy = sweep_in(trial=FLAKY, tuner=tuner, overrides=(*limits, budget))
    kill_at_random(stormy, kills)

    assert stormy.outcome() == stormy.run_here()
    assert_unharmed(stormy, trials)


def kill_at_random(sweep: ClusterSweep, kills: int) -> None:
    """Kill at moments that the seed determines, each after another pod has begun to run."""
    chance = random.Random(SEED)  # noqa: S311 - no secret
    driver = sweep.start()
    for number in range(kills):
        wait_for_a_pod(sweep, driver)
        if driver.poll() is not None:
            break
        time.sleep(chance.uniform(0, 0.4))
        if number % 2:
            disturb(sweep.world, chance)
            continue
        driver.kill()
        assert "Traceback" not in driver.communicate(SECONDS)[0]
        driver = sweep.resume()
    output_of(driver)


def wait_for_a_pod(sweep: ClusterSweep, driver: ForkedCommand) -> None:
    """Wait until another pod runs, or the sweep has ended because there are too few."""
    before = len(sweep.world.ran)
    sweep.wait_until(lambda: len(sweep.world.ran) > before or driver.poll() is not None)


def disturb(world: StandInCluster, chance: random.Random) -> None:
    """Disturb the cluster, or one of its pods, if it is not gone by then."""
    change = chance.choice(DISTURBANCES)
    pods = sorted(str(each["metadata"]["name"]) for each in world.pods())
    try:
        change(world, chance.choice(pods or ["none"]))
    except StatusError:
        return

"""A driver that is killed leaves its jobs to the next one."""

import pytest

from sweepwright.core.driver.crash_points import CRASH_POINTS
from sweepwright.events import FailureKind
from tests.system.driven_sweeps import FLAKY, output_of
from tests.system.kubeflow.cluster_sweeps import ClusterSweep, assert_unharmed


def begin(sweep: ClusterSweep, trials: int, *, recorded: bool = False) -> None:
    """Start a sweep, and kill the driver when some trials run, or are recorded to run."""
    driver = sweep.start()
    if recorded:
        sweep.wait_until_started(trials)
    sweep.wait_until(lambda: sweep.began() == dict.fromkeys(range(trials), 1))
    driver.kill()
    driver.wait()
    sweep.driver = None


def test_resumed_at_once_the_trials_go_on(sweep_in) -> None:
    sweep = sweep_in(overrides=("max_trials=3", "concurrency=2"))
    begin(sweep, 2)
    driver = sweep.resume()
    sweep.open_gate()
    output_of(driver)

    assert sweep.began() == {0: 1, 1: 1, 2: 1}
    assert sweep.retries() == []
    assert sweep.outcome() == sweep.run_here()
    assert_unharmed(sweep, 3)


@pytest.mark.ci_only
def test_resumed_after_the_trials_have_ended_their_results_are_read(sweep_in) -> None:
    sweep = sweep_in(overrides=("max_trials=2", "concurrency=2"))
    begin(sweep, 2)
    sweep.open_gate()
    sweep.wait_until(lambda: not sweep.processes())
    output_of(sweep.resume())

    assert sweep.began() == {0: 1, 1: 1}
    assert sweep.retries() == []
    assert sweep.outcome() == sweep.run_here()
    assert_unharmed(sweep, 2)


@pytest.mark.ci_only
def test_resumed_after_the_pods_were_deleted_the_trials_run_again(sweep_in, world) -> None:
    sweep = sweep_in(overrides=("max_trials=2", "concurrency=2"))
    begin(sweep, 2, recorded=True)
    for trial in (0, 1):
        world.cluster.faults.delete_pod(world.pod_of(trial))
    sweep.wait_until(lambda: not sweep.processes())
    sweep.open_gate()
    printed = output_of(sweep.resume())
    [first, second] = sweep.retries()

    assert "waiting for" not in printed
    assert sweep.began() == {0: 2, 1: 2}
    for retry in (first, second):
        assert retry.failure.kind is FailureKind.LOST
        assert "was deleted while no driver followed it" in retry.failure.message
    assert sweep.outcome() == sweep.run_here()
    assert_unharmed(sweep, 2)


@pytest.mark.ci_only
def test_a_resume_without_the_server_changes_nothing(sweep_in, world) -> None:
    sweep = sweep_in(overrides=("max_trials=2", "concurrency=2"))
    begin(sweep, 2)
    with world.server.faults.outage("refuse"):
        printed = output_of(sweep.resume(), 2)
    sweep.open_gate()
    output_of(sweep.resume())

    assert printed.count("error[M101]: ") == 1
    assert "connection refused" in printed
    assert sweep.began() == {0: 1, 1: 1}
    assert sweep.retries() == []
    assert_unharmed(sweep, 2)


@pytest.mark.ci_only
def test_of_two_drivers_that_resume_at_once_one_goes_on(sweep_in) -> None:
    sweep = sweep_in(overrides=("max_trials=2", "concurrency=2"))
    begin(sweep, 2)
    drivers = [sweep.resume(), sweep.resume()]
    sweep.driver = None
    sweep.wait_until(lambda: any(driver.poll() is not None for driver in drivers))
    sweep.open_gate()
    refused, successful = sorted(drivers, key=lambda driver: driver.wait(60) == 0)
    output_of(successful)

    assert " is being driven by " in output_of(refused, 2)
    assert sweep.began() == {0: 1, 1: 1}
    assert_unharmed(sweep, 2)


@pytest.mark.ci_only
@pytest.mark.parametrize("point", CRASH_POINTS)
def test_killed_at_any_crash_point_a_sweep_ends_like_an_undisturbed_one(point, sweep_in) -> None:
    more = {"trial": FLAKY, "overrides": ("max_trials=5", "concurrency=3")}
    stormy = sweep_in(**more)
    stormy.environment["SWEEPWRIGHT_FAIL_POINT"] = f"{point}:4"
    stormy.start().wait(60)
    del stormy.environment["SWEEPWRIGHT_FAIL_POINT"]
    output_of(stormy.resume())

    assert stormy.outcome() == stormy.run_here()
    assert_unharmed(stormy, 5)

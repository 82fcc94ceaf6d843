"""Nothing is left in the cluster: neither jobs, nor pods, nor what the sweep's jobs share."""

import signal

import pytest

from sweepwright.testing.kubernetes.store.resources import NAMESPACES
from tests.forked_commands import run_forked
from tests.system.driven_sweeps import output_of
from tests.system.kubeflow.cluster_sweeps import (
    assert_no_duplicates,
    assert_nothing_left,
    assert_unharmed,
)


def test_cleanup_deletes_what_a_killed_driver_has_left(sweep_in, world) -> None:
    sweep = sweep_in(overrides=("max_trials=2", "concurrency=2"))
    driver = sweep.start()
    sweep.wait_until(lambda: sweep.began() == {0: 1, 1: 1})
    driver.kill()
    driver.wait()
    assert len(world.leftovers()) == 5
    printed = sweep.cleanup()

    assert "deleted 2 Jobs in `default`" in printed
    assert "deleted 1 ConfigMap in `default`" in printed
    assert world.leftovers() == []
    assert_nothing_left(sweep)


@pytest.mark.ci_only
@pytest.mark.parametrize("kind", ["Job", "PyTorchJob"])
def test_second_interrupt_ends_the_trials(sweep_in, kind: str) -> None:
    sweep = sweep_in(overrides=("max_trials=2", "concurrency=2"), options={"kind": kind})
    driver = sweep.start()
    sweep.wait_until_started(2)
    sweep.wait_until(lambda: sweep.began() == {0: 1, 1: 1})
    driver.send_signal(signal.SIGINT)
    sweep.wait_for_line("interrupted")
    driver.send_signal(signal.SIGINT)
    output_of(driver, 130)
    assert_nothing_left(sweep)

    sweep.open_gate()
    output_of(sweep.resume())
    assert sweep.began() == {0: 2, 1: 2}
    assert {retry.counted for retry in sweep.retries()} == {False}
    assert sweep.outcome() == sweep.run_here()
    assert_unharmed(sweep, 2)


@pytest.mark.ci_only
def test_interrupted_once_the_trials_end_by_themselves(sweep_in) -> None:
    sweep = sweep_in(overrides=("max_trials=4", "concurrency=2"))
    driver = sweep.start()
    sweep.wait_until_started(2)
    sweep.wait_until(lambda: sweep.began() == {0: 1, 1: 1})
    driver.send_signal(signal.SIGINT)
    sweep.wait_for_line("interrupted")
    sweep.open_gate()
    output_of(driver, 130)
    assert_nothing_left(sweep)

    output_of(sweep.resume())
    assert sweep.began() == {0: 1, 1: 1, 2: 1, 3: 1}
    assert sweep.outcome() == sweep.run_here()
    assert_unharmed(sweep, 4)


@pytest.mark.ci_only
def test_finished_jobs_that_are_kept_go_with_the_cleanup(sweep_in, world) -> None:
    sweep = sweep_in(overrides=("max_trials=2",), options={"keep_finished": "true"})
    sweep.run()
    kept = [each for each in world.leftovers() if each.startswith("Job ")]
    words = ["cleanup", f"store.path={sweep.store}"]
    done = run_forked(words, sweep.environment)

    assert len(kept) == 2
    assert done.returncode == 0, done.stderr
    assert world.leftovers() == []
    assert_unharmed(sweep, 2)


@pytest.mark.ci_only
def test_two_sweeps_share_a_namespace(sweep_in) -> None:
    sweeps = [sweep_in(each, overrides=("max_trials=2",)) for each in ("one", "two")]
    drivers = [sweep.start() for sweep in sweeps]
    for sweep in sweeps:
        sweep.wait_until(lambda sweep=sweep: sweep.began() == {0: 1, 1: 1})
        sweep.open_gate()
    drivers[0].kill()
    drivers[0].wait()
    output_of(drivers[1])
    sweeps[0].cleanup()

    assert sweeps[1].began() == {0: 1, 1: 1}
    assert_unharmed(sweeps[1], 2)


@pytest.mark.ci_only
def test_a_namespace_that_is_gone_ends_the_session_and_no_trial(sweep_in, world) -> None:
    world.server.add_namespace("ml")
    overrides = ("max_trials=3", "concurrency=1")
    sweep = sweep_in(overrides=overrides, options={"namespace": "ml", "files.claim": "null"})
    driver = sweep.start()
    sweep.wait_until_started(1)
    sweep.wait_until(lambda: sweep.began() == {0: 1})
    world.server.store.delete(NAMESPACES, "", "ml")
    printed, _ = driver.communicate(60)
    told = [line for line in printed.splitlines() if line.startswith("no more trials start: ")]
    assert len(told) == 1
    assert 'namespaces "ml" not found' in told[0]

    world.server.add_namespace("ml")
    sweep.open_gate()
    output_of(sweep.resume())
    assert_no_duplicates(world)
    assert sweep.outcome() == sweep.run_here()
    assert_unharmed(sweep, 3)

"""No report is lost or doubled, whatever becomes of the log in which it was written."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from sweepwright.events import FailureKind
from sweepwright.testing.kubernetes.cluster import KubeletSettings
from tests.system.driven_sweeps import output_of
from tests.system.kubeflow.cluster_sweeps import ClusterSweep, assert_unharmed
from tests.system.kubeflow.stand_in_cluster import StandInCluster, running_cluster

CHATTY = Path(__file__).with_name("chatty_trial.py")
PORTIONS = 40
WIDTH = 64
"""Number of bytes of a line."""
LINES, FEW = 180, 20
"""Lines of a portion: so many that the log rotates several times, or so few that it does not."""
ONE = "max_trials=1"
LONG = (ONE, f"+trial.environment.PORTION={LINES}")
SHORT = (ONE, f"+trial.environment.PORTION={FEW}")


@pytest.fixture(scope="module")
def shared_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandInCluster]:
    """Run a cluster that rotates logs every 64 KiB instead of 10 MiB."""
    pytest.importorskip("kubernetes")
    settings = KubeletSettings(max_log_bytes=1 << 16)
    with running_cluster(tmp_path_factory.mktemp("cluster"), settings=settings) as running:
        yield running


def begin(sweep: ClusterSweep) -> None:
    """Start a sweep, and wait until its trial has written the first half of its log."""
    sweep.start()
    sweep.wait_until((sweep.meeting / "half-0").exists)


def printed_lines(sweep: ClusterSweep) -> Sequence[str]:
    """Return the trial's output as it was saved on this machine."""
    files = sweep.store.glob("*/trials/0/1/main-0.stdout")
    return [line for file in files for line in file.read_text().splitlines()]


def all_lines(portion: int = LINES) -> Sequence[str]:
    """Return what a trial prints."""
    return [f"{p:10}{n:10}{'.' * 43}" for p in range(PORTIONS) for n in range(portion)]


def assert_all_reported(sweep: ClusterSweep) -> None:
    """Check that each report was counted once, and that nothing else has happened."""
    assert sweep.retries() == []
    assert sweep.outcome() == sweep.run_here()
    assert_unharmed(sweep, 1)


def test_a_log_that_rotates_while_it_is_followed_is_read_completely(sweep_in, world) -> None:
    sweep = sweep_in(trial=CHATTY, overrides=SHORT)
    begin(sweep)
    half = all_lines(FEW)[: FEW * PORTIONS // 2]
    sweep.wait_until(lambda: printed_lines(sweep) == half)
    world.cluster.faults.rotate_log(world.pod_of(0))
    sweep.open_gate()
    output_of(sweep.driver)

    assert printed_lines(sweep) == all_lines(FEW)
    assert_all_reported(sweep)


@pytest.mark.ci_only
def test_a_log_that_was_rotated_while_nobody_read_lacks_text_and_no_report(
    sweep_in, world
) -> None:
    sweep = sweep_in(trial=CHATTY, overrides=LONG)
    begin(sweep)
    with world.server.faults.outage("refuse"):
        sweep.open_gate()
        sweep.wait_until(lambda: not sweep.processes())
    printed = output_of(sweep.driver)
    lines = printed_lines(sweep)
    told = [line for line in lines if line.startswith("[")]
    # The stream may have broken within a line, of which the rest is lost then.
    cut = [line for line, following in pairwise(lines) if following in told]

    assert told
    assert all("bytes of output: it was rotated before it was read" in line for line in told)
    assert len(lines) < len(all_lines())
    assert set(lines) - set(told) - set(cut) <= set(all_lines())
    assert all("\n".join(all_lines()).find(line) % WIDTH == 0 for line in cut)
    assert lines[-1] == all_lines()[-1]
    assert "Traceback" not in printed
    assert_all_reported(sweep)


@pytest.mark.ci_only
def test_a_driver_that_is_killed_leaves_its_place_in_the_log(sweep_in) -> None:
    """The log goes on while no driver reads it, and rotates several times."""
    sweep = sweep_in(trial=CHATTY, overrides=LONG)
    begin(sweep)
    sweep.driver.kill()
    sweep.driver.wait()
    sweep.open_gate()
    sweep.driver = None
    sweep.wait_until(lambda: not sweep.processes())
    output_of(sweep.resume())

    assert_all_reported(sweep)


@pytest.mark.ci_only
def test_a_log_that_is_lost_before_it_was_read_costs_an_attempt_and_no_trial(
    sweep_in, world
) -> None:
    sweep = sweep_in(trial=CHATTY, overrides=LONG)
    begin(sweep)
    world.cluster.faults.pause_scheduling()
    with world.server.faults.outage("refuse"):
        sweep.open_gate()
        sweep.wait_until(lambda: not sweep.processes())
        world.cluster.faults.lose_log(world.pod_of(0))
    sweep.wait_until(lambda: len(world.created) == 2)
    world.cluster.faults.resume_scheduling()
    printed = output_of(sweep.driver)
    [retry] = sweep.retries()

    assert retry.failure.kind is FailureKind.LOST
    assert "records of its log were read" in retry.failure.message
    assert printed.count(retry.failure.message) == 1
    assert sweep.outcome() == sweep.run_here()
    assert_unharmed(sweep, 1)

"""Pods that the cluster, or somebody, takes away cost no trial, and are not the trial's fault."""

from collections.abc import Callable

import pytest

from sweepwright.events import Failure, FailureKind
from sweepwright.testing.kubernetes.store.resources import JOBS, PYTORCH_JOBS
from tests.system.driven_sweeps import output_of
from tests.system.kubeflow.cluster_sweeps import ClusterSweep, assert_nothing_left, assert_unharmed
from tests.system.kubeflow.stand_in_cluster import StandInCluster

RESOURCES = {"Job": JOBS, "PyTorchJob": PYTORCH_JOBS}


def evict(world: StandInCluster) -> str:
    world.cluster.faults.evict(world.pod_of(0))
    return "was taken away: Evicted: The node was low on resource: memory."


def preempt(world: StandInCluster) -> str:
    world.cluster.faults.preempt(world.pod_of(0))
    return "was taken away: PreemptionByScheduler: "


def delete_pod(world: StandInCluster) -> str:
    world.cluster.faults.delete_pod(world.pod_of(0))
    return "was deleted"


def delete_job(world: StandInCluster) -> str:
    [job] = [each for each in world.jobs() if each["metadata"]["name"].endswith("-0-1")]
    resource = RESOURCES[job["kind"]]
    world.server.store.delete(resource, "default", job["metadata"]["name"])
    return "was deleted"


def lose_node(world: StandInCluster) -> str:
    world.cluster.faults.lose_node("node-1")
    world.cluster.faults.recover_node("node-1")
    return "was taken away: DeletionByTaintManager: "


SLOW = [pytest.mark.ci_only]


@pytest.mark.parametrize(
    ("kind", "disturb"),
    [
        ("Job", evict),
        pytest.param("Job", preempt, marks=SLOW),
        pytest.param("Job", delete_job, marks=SLOW),
        pytest.param("Job", lose_node, marks=SLOW),
        pytest.param("PyTorchJob", delete_pod, marks=SLOW),
        pytest.param("PyTorchJob", delete_job, marks=SLOW),
    ],
)
def test_a_pod_that_is_taken_away_is_replaced(
    sweep_in, world, kind: str, disturb: Callable[[StandInCluster], str]
) -> None:
    sweep = sweep_in(overrides=("max_trials=2", "concurrency=2"), options={"kind": kind})
    sweep.start()
    sweep.wait_until_started(2)
    sweep.wait_until(lambda: sweep.began() == {0: 1, 1: 1})
    reason = disturb(world)
    sweep.wait_until(lambda: sweep.began()[0] == 2)
    sweep.open_gate()
    printed = output_of(sweep.driver)

    assert_retried_as_lost(sweep, printed, reason)
    assert sweep.outcome() == sweep.run_here()
    assert_unharmed(sweep, 2)


def assert_retried_as_lost(sweep: ClusterSweep, printed: str, reason: str) -> None:
    """Check that trial 0 was run again because of a loss, and that one line says so."""
    [retry] = [each for each in sweep.retries() if each.trial.number == 0]
    assert retry.failure.kind is FailureKind.LOST
    assert reason in retry.failure.message
    assert printed.count(retry.failure.message) == 1


@pytest.mark.ci_only
def test_a_trial_that_runs_out_of_memory_is_retried_as_such(sweep_in, world) -> None:
    limits = ("max_trials=2", "concurrency=2", "retries.memory=1", "retries.lost=0")
    sweep = sweep_in(overrides=limits)
    sweep.start()
    sweep.wait_until_started(2)
    sweep.wait_until(lambda: sweep.began() == {0: 1, 1: 1})
    world.cluster.faults.oom(world.pod_of(0))
    sweep.wait_until(lambda: sweep.began()[0] == 2)
    sweep.open_gate()
    printed = output_of(sweep.driver)
    [retry] = sweep.retries()
    reason = "killed by the kernel: out of memory (OOMKilled)"

    assert retry.failure == Failure(FailureKind.MEMORY, reason)
    assert printed.count(reason) == 1
    assert sweep.outcome() == sweep.run_here()
    assert_unharmed(sweep, 2)


@pytest.mark.ci_only
@pytest.mark.parametrize("failing", ["ps", "chief"])
def test_of_processes_that_end_together_the_one_that_failed_is_named(
    sweep_in, failing: str
) -> None:
    """The operator deletes the others at once, which costs a trial no retry."""
    sweep = sweep_in(overrides=("max_trials=1",), options={"kind": "TFJob"})
    (sweep.code / "wait.py").write_text("import time; time.sleep(60)")
    (sweep.code / "fail.py").write_text("raise SystemExit('no idea')")
    entry = {name: "fail.py" if name == failing else "wait.py" for name in ("chief", "ps")}
    roles = [
        f"chief: {{reports: true, entry: [python, {entry['chief']}]}}",
        f"ps: {{entry: [python, {entry['ps']}]}}",
        "worker: {replicas: 2, entry: [python, wait.py]}",
    ]
    sweep.overrides += (f"+trial.roles={{{','.join(roles)}}}", "retries.error=0")
    printed = output_of(sweep.start(), 1)
    [row] = sweep.rows()

    assert row["state"] == "failed"
    assert f"trial 0     failed: role `{failing}` rank 0: " in printed
    assert sweep.retries() == []
    assert_nothing_left(sweep)

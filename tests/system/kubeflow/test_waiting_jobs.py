"""Why a job does not start is told once; when it may start, it does, and nothing was lost."""

import re
from collections.abc import Callable

import pytest

from sweepwright.testing.kubernetes import Resource, StatusError
from tests.system.driven_sweeps import output_of
from tests.system.kubeflow.cluster_sweeps import assert_nothing_left, assert_unharmed
from tests.system.kubeflow.stand_in_cluster import QUEUE, StandInCluster

SLOW = [pytest.mark.ci_only]


def image(world: StandInCluster) -> Callable[[], None]:
    world.cluster.faults.break_image("trial:1")
    return lambda: world.cluster.faults.repair_image("trial:1")


def room(world: StandInCluster) -> Callable[[], None]:
    world.cluster.faults.cordon("node-1")
    return lambda: world.cluster.faults.cordon("node-1", unschedulable=False)


def scheduler(world: StandInCluster) -> Callable[[], None]:
    world.cluster.faults.pause_scheduling()
    return world.cluster.faults.resume_scheduling


def quota_of_jobs(world: StandInCluster) -> Callable[[], None]:
    world.cluster.faults.set_quota("few", {"count/jobs.batch": "0"})
    return lambda: world.cluster.faults.lift_quota("few")


def quota_of_pods(world: StandInCluster) -> Callable[[], None]:
    world.cluster.faults.set_quota("few", {"pods": "0"})
    return lambda: world.cluster.faults.lift_quota("few")


def webhook(world: StandInCluster) -> Callable[[], None]:
    def review(operation: str, resource: Resource, *_: object) -> None:
        if operation == "CREATE" and resource.plural == "pods":
            text = 'admission webhook "policy.example.com" denied the request: no trials today'
            raise StatusError(403, "Forbidden", text)

    world.server.admission.append(review)
    return lambda: world.server.admission.remove(review)


def queue(world: StandInCluster) -> Callable[[], None]:
    world.cluster.set_queue_room(QUEUE, 0)
    return lambda: world.cluster.set_queue_room(QUEUE, 2)


@pytest.mark.parametrize(
    ("obstruct", "wants", "reason"),
    [
        pytest.param(image, "the image `trial:1`", "ImagePull", id="image"),
        pytest.param(room, "a node with room", "0/1 nodes are available", id="room", marks=SLOW),
        pytest.param(
            quota_of_jobs, "quota in the namespace", "exceeded quota: few", id="jobs", marks=SLOW
        ),
        pytest.param(
            quota_of_pods, "quota in the namespace", "exceeded quota: few", id="pods", marks=SLOW
        ),
        pytest.param(
            webhook, "admission by the cluster", "no trials today", id="webhook", marks=SLOW
        ),
    ],
)
def test_what_the_cluster_refuses_is_told_once_and_waited_for(
    sweep_in, world, obstruct: Callable[[StandInCluster], Callable[[], None]], wants, reason
) -> None:
    sweep = sweep_in(overrides=("max_trials=3", "concurrency=2"))
    permit = obstruct(world)
    sweep.open_gate()
    driver = sweep.start()
    try:
        sweep.wait_for_line(f"waiting for {wants}: ")
    finally:
        permit()
    printed = output_of(driver)
    [told] = [line for line in printed.splitlines() if line.startswith("waiting for ")]

    assert reason in told
    assert sweep.began() == {0: 1, 1: 1, 2: 1}
    assert sweep.retries() == []
    assert sweep.outcome() == sweep.run_here()
    assert_unharmed(sweep, 3)


@pytest.mark.ci_only
@pytest.mark.parametrize(
    ("obstruct", "wants"),
    [
        (queue, f"admission by the queue `{QUEUE}`"),
        (scheduler, "its pods to start"),
    ],
)
def test_what_others_use_stands_on_the_waiting_trials(sweep_in, world, obstruct, wants) -> None:
    """Nothing is refused, so no line tells of it."""
    options = {"queue": QUEUE} if obstruct is queue else {}
    sweep = sweep_in(overrides=("max_trials=2", "concurrency=2"), options=options)
    permit = obstruct(world)
    sweep.open_gate()
    driver = sweep.start()
    try:
        sweep.wait_until(lambda: wants in sweep.show())
    finally:
        permit()
    printed = output_of(driver)

    assert "waiting for" not in printed
    assert sweep.began() == {0: 1, 1: 1}
    assert_unharmed(sweep, 2)


@pytest.mark.ci_only
def test_jobs_that_do_not_start_in_time_have_failed_to_launch(sweep_in, world) -> None:
    permit = image(world)
    limits = ("max_trials=2", "concurrency=2", "retries.launch=0")
    sweep = sweep_in(overrides=limits, options={"start_timeout": "4"})
    try:
        sweep.start().communicate(60)
    finally:
        permit()
    told = re.findall(r"^trial .* failed: (.*?) \(Image", sweep.driver.read_output(), re.MULTILINE)

    assert {row["state"] for row in sweep.rows()} == {"failed"}
    assert told == ["it did not start within 4 s; it waited for the image `trial:1`"] * 2
    assert sweep.began() == {}
    assert_nothing_left(sweep)

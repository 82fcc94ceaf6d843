"""Queues, as Kueue has them."""

import pytest

from sweepwright.testing.kubernetes.cluster.queues import QUEUE_LABEL
from sweepwright.testing.kubernetes.store.resources import JOBS, PYTORCH_JOBS, Resource
from tests.sweepwright.testing.kubernetes.cluster.cluster_harness import (
    ClusterHarness,
    Object,
    job_spec,
    pytorch_spec,
    scripted,
)


@pytest.fixture
def harness():
    with scripted(queues={"trials": 1}) as harness:
        yield harness


def submit(
    harness: ClusterHarness, kind: Resource, name: str, spec: Object, queue: str = "trials"
) -> Object:
    metadata = {"name": name, "labels": {QUEUE_LABEL: queue}}
    body = {**IDENTITY[kind], "metadata": metadata, "spec": spec}
    return harness.server.create(kind, "default", body)


IDENTITY = {
    JOBS: {},
    PYTORCH_JOBS: {"apiVersion": "kubeflow.org/v1", "kind": "PyTorchJob"},
}


def test_jobs_of_a_queue_run_one_after_the_other(harness: ClusterHarness):
    first = submit(harness, PYTORCH_JOBS, "first", pytorch_spec(SECONDS=0.1))
    submit(harness, JOBS, "second", job_spec(SECONDS=0.1))
    assert first["spec"]["runPolicy"]["suspend"] is True

    harness.condition(JOBS, "second", "Complete")
    succeeded = harness.condition(PYTORCH_JOBS, "first", "Succeeded")
    started = harness.status(JOBS, "second")["startTime"]
    assert succeeded["lastTransitionTime"] <= started


def test_a_queue_without_room_suspends(harness: ClusterHarness):
    harness.cluster.set_queue_room("trials", 0)
    submit(harness, JOBS, "job", job_spec())
    harness.condition(JOBS, "job", "Suspended")
    assert harness.pods() == []

    harness.cluster.set_queue_room("trials", 1)
    harness.running()
    assert harness.event("Started")


def test_a_queue_that_nobody_serves_suspends_for_ever(harness: ClusterHarness):
    submit(harness, JOBS, "job", job_spec(), queue="nobody")
    harness.condition(JOBS, "job", "Suspended")
    harness.cluster.settle()

    assert harness.pods() == []

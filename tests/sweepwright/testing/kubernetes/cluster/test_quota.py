"""Quotas of a namespace."""

import pytest

from sweepwright.testing.kubernetes import StatusError
from sweepwright.testing.kubernetes.store.resources import JOBS, PYTORCH_JOBS
from tests.sweepwright.testing.kubernetes.cluster.cluster_harness import (
    ClusterHarness,
    job_spec,
    pytorch_spec,
    scripted,
)


@pytest.fixture
def harness():
    with scripted() as harness:
        yield harness


def test_a_job_is_told_why_its_pod_cannot_be_created(harness: ClusterHarness):
    harness.faults.set_quota("small", {"requests.cpu": "3", "pods": "5"})
    harness.create(JOBS, "first", job_spec(resources={"requests": {"cpu": "2"}}))
    harness.running()
    harness.create(JOBS, "second", job_spec(resources={"requests": {"cpu": "1500m"}}))
    event = harness.event("FailedCreate")

    assert event["involvedObject"]["name"] == "second"
    assert event["message"].startswith('Error creating: pods "second-')
    assert event["message"].endswith(
        '" is forbidden: exceeded quota: small, requested: requests.cpu=1500m, '
        "used: requests.cpu=2, limited: requests.cpu=3"
    )


def test_pods_are_created_once_there_is_room(harness: ClusterHarness):
    harness.faults.set_quota("none", {"pods": "0"})
    harness.create(PYTORCH_JOBS, "job", pytorch_spec())
    assert "exceeded quota: none, requested: pods=1" in harness.event("FailedCreatePod")["message"]

    harness.faults.lift_quota("none")
    harness.running()


def test_objects_are_counted(harness: ClusterHarness):
    harness.faults.set_quota("few", {"count/pytorchjobs.kubeflow.org": "1"})
    harness.create(PYTORCH_JOBS, "first", pytorch_spec())
    review = harness.server.admission[-1]

    with pytest.raises(StatusError, match="exceeded quota: few") as refused:
        review("CREATE", PYTORCH_JOBS, "default", {"metadata": {"name": "second"}})
    assert (refused.value.code, refused.value.reason) == (403, "Forbidden")

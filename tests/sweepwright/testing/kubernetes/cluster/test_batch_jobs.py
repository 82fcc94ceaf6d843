"""Jobs as the controller of Kubernetes runs them."""

import pytest

from sweepwright.testing.kubernetes.store.resources import JOBS
from tests.sweepwright.testing.kubernetes.cluster.cluster_harness import (
    ClusterHarness,
    job_spec,
    scripted,
)


@pytest.fixture
def harness():
    with scripted() as harness:
        yield harness


def types_of(harness: ClusterHarness, name: str = "job") -> list[str]:
    return [condition["type"] for condition in harness.status(JOBS, name)["conditions"]]


def test_a_job_completes_when_its_pod_succeeds(harness: ClusterHarness):
    harness.create(JOBS, "job", job_spec(SECONDS=0))
    complete = harness.condition(JOBS, "job", "Complete")
    status = harness.status(JOBS, "job")
    (pod,) = harness.pods()

    assert complete["reason"] == "CompletionsReached"
    assert types_of(harness) == ["SuccessCriteriaMet", "Complete"]
    assert (status["succeeded"], status["active"]) == (1, 0)
    assert status["completionTime"]
    assert pod["metadata"]["name"].startswith("job-")
    assert pod["metadata"]["labels"]["batch.kubernetes.io/job-name"] == "job"


def test_a_job_without_retries_fails_with_its_pod(harness: ClusterHarness):
    harness.create(JOBS, "job", job_spec(SECONDS=0, CODE=1))
    failed = harness.condition(JOBS, "job", "Failed")

    assert failed["reason"] == "BackoffLimitExceeded"
    assert types_of(harness) == ["FailureTarget", "Failed"]
    assert harness.status(JOBS, "job")["failed"] == 1
    assert len(harness.pods()) == 1


def test_a_job_retries_as_often_as_its_limit_says(harness: ClusterHarness):
    harness.create(JOBS, "job", job_spec(backoffLimit=2, SECONDS=0, CODE=1))
    harness.condition(JOBS, "job", "Failed")

    assert len(harness.pods()) == 3


def test_a_pod_that_somebody_deletes_counts_as_failed(harness: ClusterHarness):
    harness.create(JOBS, "job", job_spec())
    harness.faults.delete_pod(harness.running()[0]["metadata"]["name"])
    harness.condition(JOBS, "job", "Failed")

    assert harness.status(JOBS, "job")["failed"] == 1


def test_indexed_pods_know_their_index(harness: ClusterHarness):
    spec = {**job_spec(), "completionMode": "Indexed", "completions": 3, "parallelism": 2}
    harness.create(JOBS, "job", spec)
    pods = harness.running(2)

    assert [pod["metadata"]["name"][:6] for pod in pods] == ["job-0-", "job-1-"]
    assert [pod["metadata"]["annotations"][INDEX] for pod in pods] == ["0", "1"]
    assert {"name": "JOB_COMPLETION_INDEX", "value": "1"} in pods[1]["spec"]["containers"][0][
        "env"
    ]


def test_an_indexed_job_completes_every_index(harness: ClusterHarness):
    spec = {**job_spec(SECONDS=0), "completionMode": "Indexed", "completions": 3, "parallelism": 2}
    harness.create(JOBS, "job", spec)
    harness.condition(JOBS, "job", "Complete")

    assert {pod["metadata"]["annotations"][INDEX] for pod in harness.pods()} == {"0", "1", "2"}


def test_a_job_fails_at_its_deadline_once_its_pods_are_gone(harness: ClusterHarness):
    harness.create(JOBS, "job", {**job_spec(), "activeDeadlineSeconds": 1})
    failed = harness.condition(JOBS, "job", "Failed")

    assert failed["reason"] == "DeadlineExceeded"
    assert harness.pods() == []


def test_a_suspended_job_starts_when_it_is_resumed(harness: ClusterHarness):
    harness.create(JOBS, "job", {**job_spec(), "suspend": True})
    suspended = harness.condition(JOBS, "job", "Suspended")
    assert suspended["reason"] == "JobSuspended"
    assert harness.pods() == []

    _set_suspend(harness, suspend=False)
    harness.running()
    resumed = harness.condition(JOBS, "job", "Suspended", "False")
    assert resumed["reason"] == "JobResumed"


def test_suspension_is_no_failure(harness: ClusterHarness):
    harness.create(JOBS, "job", job_spec())
    harness.running()
    _set_suspend(harness, suspend=True)
    harness.until(lambda: not harness.pods())
    assert "startTime" not in harness.status(JOBS, "job")

    _set_suspend(harness, suspend=False)
    harness.running()
    assert "failed" not in harness.status(JOBS, "job")


def test_a_finished_job_is_deleted_after_its_time_to_live(harness: ClusterHarness):
    harness.create(JOBS, "job", {**job_spec(SECONDS=0), "ttlSecondsAfterFinished": 0})

    harness.until(lambda: not harness.store.list(JOBS) and not harness.pods())


def test_containers_that_restart_too_often_fail_a_job(harness: ClusterHarness):
    spec = job_spec(backoffLimit=2, restartPolicy="OnFailure", SECONDS=0, CODE=1)
    harness.create(JOBS, "job", spec)
    failed = harness.condition(JOBS, "job", "Failed")

    assert failed["reason"] == "BackoffLimitExceeded"


def _set_suspend(harness: ClusterHarness, *, suspend: bool) -> None:
    def change(job):
        job["spec"]["suspend"] = suspend
        return job

    harness.store.modify(JOBS, "default", "job", change)


INDEX = "batch.kubernetes.io/job-completion-index"

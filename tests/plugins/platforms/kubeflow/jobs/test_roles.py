"""Tests of jobs with several pods: the master's success ends them, the first failure is told."""

import json

import pytest

from sweepwright.contracts import Ended
from sweepwright.events import Failure, FailureKind, Json
from tests.plugins.platforms.kubeflow.jobs.scripted_cluster import (
    RUNNING,
    SUCCESS,
    TWO_ROLES,
    ScriptedCluster,
    ended,
    record,
)


def failed(message: str, at: str, kind: str = "error") -> Json:
    """Make the status of a pod whose agent has reported a failure."""
    failure = {"kind": kind, "message": message}
    word = json.dumps({"sweepwright_ended": {"failure": failure, "records": 2}})
    return ended(1, message=word, at=at)


def end(cluster: ScriptedCluster, job) -> Failure | None:
    cluster.pass_time(5.0)
    for _ in range(job.tails):
        cluster.controller.on_tail(job.name)
    assert ("delete", job.object_name, job.uid) in cluster.asked
    cluster.remove(job)
    return cluster.failure()


def test_the_success_of_the_master_ends_the_job_while_workers_run():
    cluster = ScriptedCluster()
    job = cluster.running(**TWO_ROLES)
    cluster.log(job, SUCCESS)

    assert ("delete", "sw-s-0-1", job.uid) in cluster.asked
    assert end(cluster, job) is None


def test_workers_that_the_operator_ends_after_a_success_are_no_failure():
    cluster = ScriptedCluster()
    job = cluster.running(**TWO_ROLES)
    cluster.show_pod(job, **ended(0))
    gone = {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}}
    cluster.show_pod(job, role="worker", **gone, **ended(143))
    cluster.pass_time(10.0)  # the log is slow
    assert not any(asked[0] == "delete" for asked in cluster.asked)
    cluster.log(job, SUCCESS)

    assert end(cluster, job) is None


def test_a_worker_that_succeeds_first_does_not_end_the_job():
    cluster = ScriptedCluster()
    job = cluster.running(**TWO_ROLES)
    cluster.show_pod(job, role="worker", **ended(0))
    cluster.pass_time(60.0)
    assert not any(asked[0] == "delete" for asked in cluster.asked)
    cluster.log(job, SUCCESS)

    assert end(cluster, job) is None


def test_a_failing_worker_fails_the_job_with_its_own_reason_and_its_log_is_saved():
    cluster = ScriptedCluster()
    job = cluster.running(**TWO_ROLES)
    cluster.show_pod(job, role="worker", **failed("ValueError: boom", "2026-01-01T00:00:01Z"))
    cluster.pass_time(60.0)
    assert cluster.asked == [("tail", "sw-s-0-1-worker-0")]
    cluster.controller.on_tail(job.name)
    failure = end(cluster, job)

    assert failure == Failure(FailureKind.ERROR, "role `worker` rank 0: ValueError: boom")


def test_a_master_that_fails_because_of_a_worker_is_not_the_cause():
    cluster = ScriptedCluster()
    job = cluster.running(**TWO_ROLES)
    reset = {"kind": "error", "message": "RuntimeError: connection reset by peer"}
    cluster.log(job, record(2, "ended", failure=reset))
    cluster.show_pod(job, **failed("RuntimeError: connection reset", "2026-01-01T00:00:09Z"))
    cluster.show_pod(job, role="worker", **failed("ValueError: boom", "2026-01-01T00:00:07Z"))
    failure = end(cluster, job)

    assert failure == Failure(FailureKind.ERROR, "role `worker` rank 0: ValueError: boom")


def test_a_worker_that_is_ended_because_the_master_failed_is_not_the_cause():
    cluster = ScriptedCluster()
    job = cluster.running(**TWO_ROLES)
    at = "2026-01-01T00:00:09Z"
    cluster.log(job, record(2, "ended", failure={"kind": "error", "message": "ValueError: boom"}))
    cluster.show_pod(job, role="worker", **failed("SIGTERM", at, kind="killed"))
    cluster.show_pod(job, **failed("ValueError: boom", at))
    failure = end(cluster, job)

    assert failure == Failure(FailureKind.ERROR, "role `master` rank 0: ValueError: boom")


@pytest.mark.parametrize("kind", ["error", "killed"])
def test_a_worker_that_the_operator_deletes_after_a_failure_is_not_the_cause(kind: str):
    cluster = ScriptedCluster()
    job = cluster.running(**TWO_ROLES)
    at = "2026-01-01T00:00:09Z"
    cluster.log(job, record(2, "ended", failure={"kind": kind, "message": "boom"}))
    cluster.show_pod(job, **failed("boom", at, kind=kind))
    deleted = {"metadata": {"deletionTimestamp": at}}
    cluster.show_pod(job, role="worker", **deleted, **failed("SIGTERM", at, kind="killed"))
    failure = end(cluster, job)

    assert failure == Failure(FailureKind(kind), "role `master` rank 0: boom")


def test_a_worker_that_is_preempted_in_the_second_of_an_error_is_the_cause():
    cluster = ScriptedCluster()
    job = cluster.running(**TWO_ROLES)
    at = "2026-01-01T00:00:09Z"
    reset = {"kind": "error", "message": "connection reset"}
    cluster.log(job, record(2, "ended", failure=reset))
    cluster.show_pod(job, **failed("connection reset", at))
    reason = {"type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler"}
    deleted = {"metadata": {"deletionTimestamp": at}, "conditions": [reason]}
    cluster.show_pod(job, role="worker", **deleted, **failed("SIGTERM", at, kind="killed"))
    failure = end(cluster, job)

    assert failure is not None
    assert failure.kind is FailureKind.LOST
    assert "PreemptionByScheduler" in failure.message


def test_a_worker_that_is_evicted_is_the_cause_of_what_follows():
    cluster = ScriptedCluster()
    job = cluster.running(**TWO_ROLES)
    cluster.show_pod(job, role="worker", phase="Failed", reason="Evicted", message="disk is full")
    cluster.show_pod(job, **failed("RuntimeError: connection reset", "2026-01-01T00:00:09Z"))
    cluster.controller.on_log_ended(job.name, None)
    failure = end(cluster, job)

    assert failure is not None
    assert failure.kind is FailureKind.LOST
    assert "Evicted: disk is full" in failure.message


def test_a_job_ends_only_when_all_its_pods_are_gone():
    cluster = ScriptedCluster()
    job = cluster.running(**{**TWO_ROLES, "pods": 3})
    cluster.controller.cancel(job.name)
    cluster.events()
    cluster.controller.on_deletion(job.name, None)
    cluster.controller.on_deleted(job.resource, {"metadata": {"name": job.object_name}})
    cluster.show_pod(job, **ended(1))
    cluster.show_pod(job, role="worker", rank=0, **ended(1))
    assert not cluster.events()
    cluster.show_pod(job, role="worker", rank=1, **RUNNING)
    cluster.remove_pods(job)

    assert [type(event) for event in cluster.events()] == [Ended]

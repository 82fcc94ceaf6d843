"""Tests of pods whose node is dead or out of reach: each is given up, and for the right reason."""

import pytest

from sweepwright.events import Failure, FailureKind, Json
from sweepwright.plugins.platforms.kubeflow.api.resources import POD
from sweepwright.plugins.platforms.kubeflow.jobs.active_job import ActiveJob
from tests.plugins.platforms.kubeflow.jobs.scripted_cluster import (
    RUNNING,
    SUCCESS,
    TWO_ROLES,
    ScriptedCluster,
    ended,
    record,
    text,
)

DELETED: Json = {"deletionTimestamp": "2026-01-01T00:05:00Z"}
TAINTED: Json = {
    "conditions": [
        {
            "type": "DisruptionTarget",
            "status": "True",
            "reason": "DeletionByTaintManager",
            "message": "Taint manager: deleting due to NoExecute taint",
        }
    ]
}


def outcome(job: ActiveJob) -> Failure:
    assert job.outcome is not None
    assert job.outcome.failure is not None
    return job.outcome.failure


@pytest.mark.parametrize("role", ["main", "worker"])
def test_a_deleted_pod_that_never_ends_is_given_up(role: str):
    """No kubelet confirms the deletion, and the node stays in the list of nodes."""
    cluster = ScriptedCluster()
    job = cluster.running(**({} if role == "main" else TWO_ROLES))
    cluster.show_pod(job, role=role, metadata=DELETED, **RUNNING, **TAINTED)
    cluster.pass_time(60.0)
    assert job.outcome is None
    cluster.pass_time(61.0)

    assert outcome(job).kind is FailureKind.LOST
    assert "DeletionByTaintManager" in outcome(job).message
    assert ("delete", job.object_name, job.uid) in cluster.take_asked()


def test_a_deleted_pod_may_still_succeed():
    cluster = ScriptedCluster()
    job = cluster.running()
    cluster.show_pod(job, metadata=DELETED, **RUNNING)
    cluster.pass_time(20.0)
    cluster.log(job, SUCCESS)

    assert job.outcome is not None
    assert job.outcome.failure is None


def test_workers_that_the_operator_deletes_do_not_delay_the_failure_of_the_master():
    cluster = ScriptedCluster()
    job = cluster.running(**TWO_ROLES)
    cluster.show_pod(job, role="worker", metadata=DELETED, **RUNNING)
    cluster.log(job, record(9, "ended", failure={"kind": "error", "message": "boom"}))
    cluster.pass_time(5.0)

    assert outcome(job) == Failure(FailureKind.ERROR, "role `master` rank 0: boom")


def test_the_status_of_a_pod_counts_if_its_log_cannot_be_read():
    cluster = ScriptedCluster()
    job = cluster.running()
    cluster.show_pod(job, **ended(137, "OOMKilled"))
    cluster.condition(job, "Failed", "BackoffLimitExceeded")
    cluster.pass_time(31.0)

    assert outcome(job).kind is FailureKind.MEMORY


def test_a_container_whose_node_was_started_anew_is_lost():
    cluster = ScriptedCluster()
    job = cluster.running()
    cluster.show_pod(job, **ended(255, "Unknown"))
    cluster.controller.on_log_ended(job.name, "the node does not answer")
    cluster.pass_time(5.0)

    assert outcome(job).kind is FailureKind.LOST


def test_a_job_whose_deletion_is_never_finished_is_lost():
    """Somebody has deleted it, and whoever should remove its finalizer is gone."""
    cluster = ScriptedCluster()
    job = cluster.created()
    cluster.show_job(job, metadata={**DELETED, "finalizers": ["example.com/gone"]})
    cluster.pass_time(5.0)

    assert outcome(job).kind is FailureKind.LOST
    assert "not by this sweep" in outcome(job).message
    cluster.remove(job)
    cluster.launch(1)
    assert ("inputs",) in cluster.take_asked()  # which may be gone, too


def test_of_a_progress_bar_the_end_is_quoted():
    cluster = ScriptedCluster()
    job = cluster.running()
    cluster.log(job, text(0, b"".join(b"\r\x1b[32m%d%%\x00" % n for n in range(1, 20_000))))
    cluster.show_pod(job, **ended(1, "Error"))
    cluster.controller.on_log_ended(job.name, "cut off")
    cluster.pass_time(5.0)

    assert outcome(job).message == "exit code 1: [32m19999%"


def test_a_rank_that_is_no_number_harms_no_driver():
    cluster = ScriptedCluster()
    job = cluster.created()
    pod = cluster.pod_object(job, **RUNNING)
    pod["metadata"]["labels"]["training.kubeflow.org/replica-index"] = "x"
    cluster.controller.on_changed(POD, pod)

    assert job.reporting_pod is not None

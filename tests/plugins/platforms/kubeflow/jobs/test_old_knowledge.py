"""Tests of drivers that were stopped or cut off for a while, and act on nothing that is old."""

from sweepwright.contracts import Ended, Refused
from sweepwright.events import FailureKind
from sweepwright.plugins.platforms.kubeflow.api.resources import JOB, POD
from sweepwright.plugins.platforms.kubeflow.jobs.active_job import ActiveJob
from tests.plugins.platforms.kubeflow.jobs.scripted_cluster import (
    AWAY,
    OWNER,
    RUNNING,
    ScriptedCluster,
    refusal,
)

NOT_FOUND = refusal(404, "NotFound", 'jobs.batch "x" not found')


def waiting_job(cluster: ScriptedCluster) -> ActiveJob:
    job = cluster.created()
    cluster.show_job(job, status={"active": 1})
    return job


def start(cluster: ScriptedCluster, job: ActiveJob) -> None:
    cluster.show_pod(job, **RUNNING)
    cluster.pass_time(1000.0)


def test_a_job_that_started_while_the_driver_was_stopped_has_started():
    cluster = ScriptedCluster(start_timeout=300.0)
    job = waiting_job(cluster)
    cluster.now += 3600.0  # as by SIGSTOP
    cluster.controller.step()
    cluster.pass_time(1.0)
    start(cluster, job)

    assert job.withdrawn is None


def test_a_job_that_started_while_the_server_was_away_has_started():
    cluster = ScriptedCluster(start_timeout=300.0)
    job = waiting_job(cluster)
    for resource in (JOB, POD):
        cluster.controller.on_interrupted(resource, "Connection refused")
    cluster.pass_time(3600.0)
    for resource in (JOB, POD):
        cluster.controller.on_resumed(resource)
    cluster.pass_time(1.0)
    start(cluster, job)

    assert job.withdrawn is None


def test_a_job_that_did_not_start_meanwhile_times_out_soon():
    cluster = ScriptedCluster(start_timeout=300.0)
    job = waiting_job(cluster)
    cluster.now += 3600.0
    cluster.controller.step()
    cluster.pass_time(11.0)

    assert job.withdrawn is not None
    assert job.withdrawn.kind is FailureKind.LAUNCH


def test_other_jobs_that_wait_postpone_no_time_limit():
    cluster = ScriptedCluster(start_timeout=30.0)
    job = waiting_job(cluster)
    for number in range(1, 8):
        cluster.created(number)
        cluster.pass_time(4.5)
        cluster.controller.on_events([], None)

    assert job.withdrawn is not None


def test_a_job_that_is_created_after_it_was_given_up_is_deleted():
    """A proxy has answered instead of the server, which had not dealt with the request yet."""
    cluster = ScriptedCluster()
    job = cluster.launch()
    cluster.controller.on_inputs(OWNER, None)
    cluster.controller.step()
    cluster.answer_create(job, AWAY)
    cluster.controller.cancel(job.name)
    cluster.pass_time(2.0)
    cluster.controller.on_read(job.name, None, NOT_FOUND)
    assert [type(event) for event in cluster.events()][-1] is Ended
    cluster.take_asked()
    cluster.show_job(job)

    assert [asked[:2] for asked in cluster.take_asked()] == [("delete", job.object_name)]


def test_a_job_that_was_created_although_it_was_refused_is_deleted():
    """The first answer was lost, and then the permission was gone."""
    cluster = ScriptedCluster()
    job = cluster.launch()
    cluster.controller.on_inputs(OWNER, None)
    cluster.controller.step()
    cluster.answer_create(job, AWAY)
    cluster.show_job(job)
    cluster.pass_time(2.0)
    cluster.answer_create(job, refusal(403, "Forbidden", 'User "x" cannot create resource "jobs"'))

    assert isinstance(cluster.events()[-1], Refused)
    assert ("delete", job.object_name, f"uid of {job.object_name}") in cluster.take_asked()


def test_an_object_that_has_taken_the_place_of_a_job_is_not_the_job():
    cluster = ScriptedCluster()
    job = cluster.created()
    cluster.pass_time(11.0)
    assert ("read", job.object_name) in cluster.take_asked()
    other = cluster.job_object(job, metadata={"uid": "another"})
    cluster.controller.on_read(job.name, other, None)
    cluster.pass_time(5.0)

    assert job.outcome is not None
    assert job.outcome.failure is not None
    assert job.outcome.failure.kind is FailureKind.LOST


def test_a_copy_that_somebody_has_made_of_a_job_is_not_the_job():
    cluster = ScriptedCluster()
    job = cluster.running()
    copy = cluster.job_object(job, metadata={"name": "debug", "uid": "another"})
    cluster.controller.on_changed(JOB, copy)
    assert job.view is not None
    cluster.controller.on_deleted(JOB, copy)
    cluster.pass_time(60.0)

    assert job.view is not None
    assert job.outcome is None


def test_the_deletion_of_an_earlier_attempt_is_requested_until_it_is_granted():
    cluster = ScriptedCluster()
    cluster.created(1)
    earlier = cluster.job(0, 1)
    cluster.controller.on_listed(JOB, {earlier.object_name: cluster.job_object(earlier)})
    cluster.created(0, 2)
    deletion = ("delete", earlier.object_name, f"uid of {earlier.object_name}")
    for _ in range(3):
        cluster.controller.on_deletion(earlier.name, AWAY)
        assert deletion not in cluster.take_asked()
        cluster.pass_time(5.0)
        assert deletion in cluster.take_asked()
    cluster.controller.on_deletion(earlier.name, None)
    cluster.pass_time(60.0)

    assert deletion not in cluster.take_asked()

"""Tests of drivers that take over the jobs of earlier ones."""

import pytest

from sweepwright.contracts import Ended, Launched, Output
from sweepwright.events import Failure, FailureKind
from sweepwright.plugins.platforms.kubeflow.api.resources import JOB, POD
from sweepwright.plugins.platforms.kubeflow.jobs.active_job import ActiveJob, Outcome
from sweepwright.runner_client.pods.log_reader import Gap
from tests.plugins.platforms.kubeflow.jobs.scripted_cluster import (
    RUNNING,
    SUCCESS,
    ScriptedCluster,
    ended,
    refusal,
    report,
    text,
)


def left_behind(cluster: ScriptedCluster, *jobs: ActiveJob, **status) -> None:
    """Let the first lists of a new driver show jobs that an earlier one has left."""
    status = status or RUNNING
    objects = {job.object_name: cluster.job_object(job) for job in jobs}
    pods = [cluster.pod_object(job, **dict(status)) for job in jobs]
    cluster.controller.on_listed(JOB, objects)
    cluster.controller.on_listed(POD, {pod["metadata"]["name"]: pod for pod in pods})


def take_over(cluster: ScriptedCluster, job: ActiveJob) -> ActiveJob:
    uid = f"uid of {job.object_name}"
    cluster.controller.take_over(job, uid, f"{uid}-main-0")
    return job


def test_a_job_that_is_taken_over_is_followed_and_not_announced_again():
    cluster = ScriptedCluster()
    job = cluster.job()
    left_behind(cluster, job)
    take_over(cluster, job)
    assert cluster.take_asked() == [("follow", "sw-s-0-1-main-0")]
    cluster.log(job, report(5, "x"), SUCCESS)
    cluster.remove(job)

    assert [type(event) for event in cluster.events()] == [Output, Ended]


@pytest.mark.parametrize(("mid_line", "line_break"), [(False, ""), (True, "\n")])
def test_a_gap_in_the_log_is_told_where_the_earlier_driver_had_stopped(mid_line, line_break):
    cluster = ScriptedCluster()
    job = cluster.job()
    left_behind(cluster, job)
    job.log.go_on({"log": {"at": 5, "text": 100}, "shift": 7, "mid_line": mid_line})
    take_over(cluster, job)
    gap = Gap(0, 50)
    cluster.log(job, gap, text(150, b"more\n"))

    line = f"{line_break}[{gap}]\n".encode()
    assert cluster.text[job.name] == {107: line, 107 + len(line): b"more\n"}


def test_a_job_that_is_launched_again_is_followed_from_its_beginning():
    cluster = ScriptedCluster()
    cluster.created(1)
    job = cluster.job()
    left_behind(cluster, job)
    cluster.controller.launch(job)
    cluster.controller.step()
    assert cluster.take_asked() == [("create", "sw-s-0-1")]
    cluster.answer_create(job, refusal(409, "AlreadyExists", "exists"))
    cluster.controller.on_read(job.name, cluster.job_object(job), None)

    assert cluster.take_asked() == [("read", "sw-s-0-1"), ("follow", "sw-s-0-1-main-0")]
    assert [type(event) for event in cluster.events()] == [Launched]


def test_a_pod_that_was_replaced_while_no_driver_looked_is_lost():
    cluster = ScriptedCluster()
    job = cluster.job()
    objects = {job.object_name: cluster.job_object(job)}
    pod = cluster.pod_object(job, uid="another", **RUNNING)
    cluster.controller.on_listed(JOB, objects)
    cluster.controller.on_listed(POD, {pod["metadata"]["name"]: pod})
    take_over(cluster, job)
    cluster.pass_time(5.0)
    cluster.remove(job)

    failure = cluster.failure()
    assert failure is not None
    assert failure.kind is FailureKind.LOST
    assert "while no driver followed it" in failure.message
    assert not any(asked[0] == "follow" for asked in cluster.asked)


def test_a_job_whose_pod_is_gone_does_not_wait_for_its_start():
    cluster = ScriptedCluster()
    job = cluster.job()
    cluster.controller.on_listed(JOB, {job.object_name: cluster.job_object(job)})
    cluster.controller.on_listed(POD, {})
    take_over(cluster, job)
    cluster.pass_time(5.0)
    cluster.remove(job)

    assert [type(event) for event in cluster.events()] == [Ended]


def test_a_job_that_is_taken_over_before_the_server_answers_waits_for_it():
    cluster = ScriptedCluster()
    job = take_over(cluster, cluster.job())
    cluster.controller.on_interrupted(JOB, "Connection refused")
    cluster.controller.on_interrupted(POD, "Connection refused")
    cluster.pass_time(300.0)
    assert not any(isinstance(event, Ended) for event in cluster.events())
    left_behind(cluster, job)
    cluster.controller.on_resumed(JOB)
    cluster.controller.on_resumed(POD)

    assert ("follow", "sw-s-0-1-main-0") in cluster.take_asked()


def test_a_job_that_ended_between_two_drivers_is_read_to_its_end():
    cluster = ScriptedCluster()
    job = cluster.job()
    left_behind(cluster, job, **ended(0))
    take_over(cluster, job)
    assert cluster.take_asked() == [("follow", "sw-s-0-1-main-0"), ("finish", "sw-s-0-1")]
    cluster.log(job, report(1, "x"), SUCCESS)
    cluster.remove(job)

    assert [type(event) for event in cluster.events()] == [Output, Ended]


def test_an_outcome_from_the_disk_ends_a_job_once_its_object_is_gone():
    cluster = ScriptedCluster()
    job = cluster.job()
    failure = Failure(FailureKind.ERROR, "boom")
    cluster.controller.replay(job, "uid of sw-s-0-1", Outcome(failure))
    assert ("delete", "sw-s-0-1", "uid of sw-s-0-1") in cluster.take_asked()
    assert cluster.events() == []
    cluster.controller.on_deletion(job.name, refusal(404, "NotFound", "not found"))

    assert cluster.events() == [Ended(job.name, failure)]
    assert not cluster.saved


def test_jobs_that_may_still_be_taken_over_are_left_alone():
    cluster = ScriptedCluster()
    left_behind(cluster, cluster.job(0), cluster.job(1))
    cluster.launch(2)

    assert not any(asked[0] == "delete" for asked in cluster.take_asked())


def test_an_earlier_attempt_of_a_trial_is_deleted_when_the_next_one_is_launched():
    for seen_first in (True, False):
        cluster = ScriptedCluster()
        old, other = cluster.job(0, 1), cluster.job(1, 1)
        if seen_first:
            left_behind(cluster, old, other)
        cluster.launch(0, 2)
        if not seen_first:
            left_behind(cluster, old, other)
        left_behind(cluster, old, other)
        deleted = [asked for asked in cluster.take_asked() if asked[0] == "delete"]

        assert deleted == [("delete", "sw-s-0-1", "uid of sw-s-0-1")]
        assert cluster.events() == []


def test_the_attempt_of_this_driver_is_not_stale_when_its_trial_goes_on():
    cluster = ScriptedCluster(keep_finished=True)
    job = cluster.running()
    cluster.log(job, SUCCESS)
    cluster.show_pod(job, **ended(0))
    cluster.launch(0, 2)
    cluster.condition(job, "Complete")

    assert not any(asked[0] == "delete" for asked in cluster.take_asked())


def test_finished_jobs_of_earlier_drivers_can_be_kept_too():
    for keep in (True, False):
        cluster = ScriptedCluster(keep_finished=keep)
        cluster.launch(0, 2)
        cluster.condition(cluster.job(0, 1), "Complete")
        deleted = any(asked[0] == "delete" for asked in cluster.take_asked())

        assert deleted is not keep


def test_a_job_of_an_earlier_driver_is_cancelled_now_or_when_it_is_seen():
    for seen_first in (True, False):
        cluster = ScriptedCluster()
        if seen_first:
            left_behind(cluster, cluster.job(0))
        cluster.controller.cancel("s-0-1")
        assert cluster.controller.unwanted == {"s-0-1"}
        if not seen_first:
            left_behind(cluster, cluster.job(0))
        deletion = ("delete", "sw-s-0-1", "uid of sw-s-0-1")
        assert cluster.take_asked() == [deletion]
        cluster.controller.on_deletion("s-0-1", refusal(500, "InternalError", "no"))
        cluster.show_job(cluster.job(0))
        assert cluster.take_asked() == [deletion]
        cluster.controller.on_deletion("s-0-1", None)

        assert not cluster.controller.unwanted
        assert cluster.events() == []

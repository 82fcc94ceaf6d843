"""Tests of the creation of jobs: lost answers, names that are taken, quotas, refusals."""

import pytest

from sweepwright.contracts import Ended, Launched, Refused, Waiting
from sweepwright.events import FailureKind
from sweepwright.plugins.platforms.kubeflow.api.errors import ApiError
from sweepwright.plugins.platforms.kubeflow.jobs.causes import CANCELLED
from sweepwright.plugins.platforms.kubeflow.jobs.creation import MOST_ASKED
from tests.plugins.platforms.kubeflow.jobs.scripted_cluster import (
    AWAY,
    OWNER,
    QUOTA,
    RUNNING,
    SUCCESS,
    ScriptedCluster,
    refusal,
)

EXISTS = refusal(409, "AlreadyExists", 'jobs.batch "sw-s-0-1" already exists')
GONE = refusal(404, "NotFound", 'jobs.batch "sw-s-0-1" not found')


def test_the_inputs_are_created_once_and_before_the_first_job():
    cluster = ScriptedCluster()
    first = cluster.launch(0)
    second = cluster.launch(1)
    assert cluster.take_asked() == [("inputs",)]

    cluster.controller.on_inputs(OWNER, None)
    cluster.controller.step()
    assert cluster.take_asked() == [("create", "sw-s-0-1"), ("create", "sw-s-1-1")]
    cluster.answer_create(first)
    cluster.answer_create(second)
    third = cluster.launch(2)
    assert cluster.take_asked() == [("create", third.object_name)]


def test_a_job_whose_answer_was_lost_is_recognised():
    cluster = ScriptedCluster()
    cluster.created(1)
    job = cluster.launch()
    cluster.take_asked()
    cluster.answer_create(job, EXISTS)
    assert cluster.take_asked() == [("read", "sw-s-0-1")]
    cluster.controller.on_read(job.name, cluster.job_object(job), None)
    cluster.show_pod(job, **RUNNING)

    handle = {"machine": "node1", "job": "sw-s-0-1", "uid": job.uid, "pod": job.pod}
    assert cluster.events() == [Launched(job.name, handle)]
    assert ("create", "sw-s-0-1") not in cluster.take_asked()


def test_a_name_that_is_taken_by_something_else_is_refused_with_a_way_out():
    cluster = ScriptedCluster()
    cluster.created(1)
    job = cluster.launch()
    cluster.answer_create(job, EXISTS)
    other = cluster.job_object(job)
    other["metadata"]["annotations"] = {}
    cluster.controller.on_read(job.name, other, None)

    (event,) = cluster.events()
    assert isinstance(event, Refused)
    assert "`sw-s-0-1` is taken by a Job of somebody else; delete it" in event.reason


def test_a_job_waits_for_the_end_of_an_earlier_object_of_its_name():
    cluster = ScriptedCluster()
    cluster.created(1)
    job = cluster.launch()
    cluster.answer_create(job, EXISTS)
    leaving = cluster.job_object(job, metadata={"deletionTimestamp": "2026-01-01T00:00:00Z"})
    leaving["metadata"] |= {"name": "sw-s-0-1", "annotations": {"sweepwright.dev/job": job.name}}
    cluster.take_asked()
    cluster.controller.on_read(job.name, leaving, None)
    assert cluster.events() == [Waiting(job.name, "the end of an earlier job of the same name")]

    cluster.pass_time(1.0)
    assert cluster.take_asked() == [("create", "sw-s-0-1")]
    cluster.answer_create(job)
    assert cluster.events() == [Waiting(job.name, "")]


def test_an_object_that_vanishes_before_it_is_read_is_created_again():
    cluster = ScriptedCluster()
    cluster.created(1)
    job = cluster.launch()
    cluster.answer_create(job, EXISTS)
    cluster.take_asked()
    cluster.controller.on_read(job.name, None, GONE)
    cluster.controller.step()

    assert cluster.take_asked() == [("create", "sw-s-0-1")]


def test_while_a_quota_is_used_up_one_job_at_a_time_tries_again():
    cluster = ScriptedCluster()
    cluster.running(9)
    jobs = [cluster.launch(number) for number in range(3)]
    cluster.take_asked()
    for job in jobs:
        cluster.answer_create(job, QUOTA)
    waits = [event for event in cluster.events() if isinstance(event, Waiting)]

    assert {(wait.job, wait.wants) for wait in waits} == {
        (job.name, "quota in the namespace") for job in jobs
    }
    assert "exceeded quota: small" in waits[0].refusal
    cluster.pass_time(1.0)
    assert cluster.take_asked() == [("create", "sw-s-0-1")]
    cluster.answer_create(jobs[0], QUOTA)
    cluster.pass_time(1.9)
    assert cluster.take_asked() == []
    cluster.pass_time(0.2)
    assert cluster.take_asked() == [("create", "sw-s-1-1")]
    cluster.answer_create(jobs[1])
    assert cluster.take_asked() == [("create", "sw-s-2-1"), ("create", "sw-s-0-1")]
    assert all(event.wants == "" for event in cluster.events() if isinstance(event, Waiting))


def test_a_job_that_ends_lets_another_one_try_at_once():
    cluster = ScriptedCluster()
    done = cluster.running(9)
    waiting = cluster.launch()
    for _ in range(4):
        cluster.answer_create(waiting, QUOTA)
        cluster.pass_time(cluster.controller.next_change - cluster.now)
    cluster.answer_create(waiting, QUOTA)
    cluster.take_asked()
    cluster.controller.cancel(done.name)
    cluster.remove(done)
    cluster.controller.step()

    assert cluster.take_asked()[-1] == ("create", "sw-s-0-1")


def test_while_the_server_is_away_jobs_wait_and_are_created_later():
    cluster = ScriptedCluster()
    job = cluster.launch()
    cluster.take_asked()
    for _ in range(20):
        cluster.controller.on_inputs(None, AWAY)
        cluster.pass_time(40.0)
        assert cluster.take_asked() == [("inputs",)]
    assert cluster.events() == [
        Waiting(job.name, "the API server, which cannot be reached", "Connection refused")
    ]
    cluster.controller.on_inputs(OWNER, None)
    cluster.controller.step()

    assert cluster.take_asked() == [("create", "sw-s-0-1")]
    assert cluster.events() == [Waiting(job.name, "")]


def test_missing_permissions_end_the_session_and_cost_no_trial():
    cluster = ScriptedCluster()
    job = cluster.launch()
    cluster.controller.on_inputs(None, refusal(403, "Forbidden", "configmaps is forbidden: no"))

    (event,) = cluster.events()
    assert isinstance(event, Refused)
    assert event.job == job.name
    assert event.reason.startswith("configmaps is forbidden: no; `sweepwright platform rbac`")


def test_a_kind_that_the_cluster_lacks_is_refused():
    cluster = ScriptedCluster()
    cluster.created(1)
    job = cluster.launch()
    cluster.answer_create(job, refusal(404, "UnknownPath", "404 page not found"))

    (event,) = cluster.events()
    assert isinstance(event, Refused)
    assert "the cluster has no kind Job" in event.reason


def test_a_job_that_is_too_large_fails_alone():
    cluster = ScriptedCluster()
    cluster.created(1)
    job = cluster.launch()
    cluster.answer_create(job, refusal(413, "RequestEntityTooLarge", "limit is 3145728"))

    failure = cluster.failure()
    assert failure is not None
    assert failure.kind is FailureKind.LAUNCH


def test_a_denied_admission_is_waited_for():
    cluster = ScriptedCluster()
    cluster.created(1)
    job = cluster.launch()
    denied = 'admission webhook "policy.example" denied the request: label `team` is missing'
    cluster.answer_create(job, refusal(403, "Forbidden", denied))

    assert cluster.events() == [Waiting(job.name, "admission by the cluster", denied)]
    cluster.pass_time(1.0)
    assert ("create", "sw-s-0-1") in cluster.take_asked()


def test_a_job_that_was_not_asked_for_is_cancelled_at_once():
    cluster = ScriptedCluster()
    job = cluster.launch()
    cluster.controller.cancel(job.name)
    failure = cluster.failure()

    assert failure is not None
    assert failure.kind is FailureKind.KILLED
    cluster.controller.on_inputs(OWNER, None)
    cluster.controller.step()
    assert ("create", "sw-s-0-1") not in cluster.take_asked()


def test_a_job_that_is_cancelled_while_it_is_created_is_deleted_before_it_ends():
    cluster = ScriptedCluster()
    cluster.created(1)
    job = cluster.launch()
    cluster.controller.cancel(job.name)
    assert cluster.events() == []
    cluster.take_asked()
    cluster.answer_create(job)
    assert ("delete", "sw-s-0-1", job.uid) in cluster.take_asked()
    assert cluster.events() == []
    cluster.show_job(job)
    cluster.remove(job)

    assert [type(event) for event in cluster.events()] == [Ended]


def test_a_cancelled_job_whose_answer_was_lost_is_looked_for():
    for found in (True, False):
        cluster = ScriptedCluster()
        cluster.created(1)
        job = cluster.launch()
        cluster.answer_create(job, AWAY)
        cluster.controller.cancel(job.name)
        cluster.take_asked()
        cluster.pass_time(1.0)
        assert cluster.take_asked() == [("read", "sw-s-0-1")]
        assert not any(isinstance(event, Ended) for event in cluster.events())
        if found:
            cluster.controller.on_read(job.name, cluster.job_object(job), None)
            assert cluster.take_asked()[-1][0] == "delete"
        else:
            cluster.controller.on_read(job.name, None, GONE)
            assert cluster.failure() == CANCELLED


def test_a_refused_name_can_be_launched_again():
    cluster = ScriptedCluster()
    cluster.created(1)
    job = cluster.launch()
    cluster.answer_create(job, refusal(404, "NotFound", 'namespaces "team" not found'))
    cluster.events()
    again = cluster.launch()
    cluster.answer_create(again)
    cluster.show_pod(again, **RUNNING)

    assert [type(event) for event in cluster.events()] == [Launched]


def test_only_some_of_many_jobs_are_created_at_the_same_time():
    """The others can be cancelled without a request, and what is deleted waits for a few only."""
    cluster = ScriptedCluster()
    cluster.created(1000)
    jobs = [cluster.launch(number) for number in range(MOST_ASKED + 2)]
    assert len(cluster.take_asked()) == MOST_ASKED
    cluster.controller.cancel(jobs[-1].name)
    assert cluster.failure() == CANCELLED

    cluster.answer_create(jobs[0])
    assert cluster.take_asked() == [("create", jobs[-2].object_name)]
    cluster.answer_create(jobs[1])
    assert cluster.take_asked() == []


def test_a_job_that_is_refused_for_a_known_reason_says_it_too():
    cluster = ScriptedCluster()
    cluster.created(1000)
    jobs = [cluster.launch(number) for number in range(2)]
    cluster.answer_create(jobs[0], QUOTA)
    assert [event.job for event in cluster.events()] == [jobs[0].name]

    cluster.answer_create(jobs[1], QUOTA)
    (event,) = cluster.events()
    assert isinstance(event, Waiting)
    assert (event.job, event.wants) == (jobs[1].name, "quota in the namespace")


def allowed_before() -> ScriptedCluster:
    cluster = ScriptedCluster()
    cluster.created(1)
    cluster.events()
    return cluster


@pytest.mark.parametrize(
    ("status", "reason", "message"),
    [(403, "Forbidden", 'User "x" cannot create resource "jobs"'), (401, "Unauthorized", "no")],
)
def test_permissions_that_are_missing_for_a_moment_are_waited_for(status, reason, message):
    cluster = allowed_before()
    job = cluster.launch()
    cluster.answer_create(job, refusal(status, reason, message))
    assert cluster.events() == [Waiting(job.name, "the permission to create its job", message)]
    cluster.pass_time(60.0)
    cluster.answer_create(job)

    assert Waiting(job.name, "") in cluster.events()
    assert job.uid


def test_permissions_that_stay_away_end_the_session():
    cluster = allowed_before()
    job = cluster.launch()
    denied = refusal(403, "Forbidden", 'User "x" cannot create resource "jobs"')
    while job.name in cluster.controller.jobs:
        cluster.answer_create(job, denied)
        cluster.pass_time(31.0)

    assert isinstance(cluster.events()[-1], Refused)
    assert cluster.now < 1000.0 + 200.0


def test_a_server_that_asks_for_a_pause_is_left_alone():
    cluster = allowed_before()
    other = cluster.running(2)
    job = cluster.launch()
    busy = ApiError(429, "TooManyRequests", "too many requests", retry_after=90.0)
    cluster.answer_create(job, busy)
    cluster.take_asked()
    cluster.log(other, SUCCESS)
    cluster.remove(other)  # which would let another job try at once
    cluster.pass_time(89.0)
    assert ("create", job.object_name) not in cluster.take_asked()
    cluster.pass_time(2.0)

    assert ("create", job.object_name) in cluster.take_asked()


def test_a_webhook_that_does_not_answer_is_waited_for():
    cluster = allowed_before()
    job = cluster.launch()
    text = 'failed calling webhook "validator.pytorchjob.example": connection refused'
    cluster.answer_create(job, refusal(500, "InternalError", text))

    assert cluster.events() == [Waiting(job.name, "admission by the cluster", text)]

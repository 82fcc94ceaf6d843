"""Tests of jobs that do not start: each says why within seconds, and may time out."""

import pytest

from sweepwright.contracts import Ended, Launched, Waiting
from sweepwright.events import FailureKind, Json
from tests.plugins.platforms.kubeflow.jobs.scripted_cluster import (
    RUNNING,
    TWO_ROLES,
    ScriptedCluster,
    container,
    ended,
    refusal,
)

NO_NODE = "0/3 nodes are available: 3 Insufficient nvidia.com/gpu."


def pending(**state: Json) -> Json:
    return {"phase": "Pending", **container(waiting=state)}


def unschedulable(reason: str = "Unschedulable", message: str = NO_NODE) -> Json:
    condition = {"type": "PodScheduled", "status": "False", "reason": reason, "message": message}
    return {"phase": "Pending", "conditions": [condition], "node": None}


def warning(about: str, reason: str, message: str, at: str = "2026-01-01T00:00:00Z") -> Json:
    return {
        "involvedObject": {"name": about},
        "reason": reason,
        "message": message,
        "lastTimestamp": at,
        "type": "Warning",
    }


@pytest.mark.parametrize(
    ("status", "wants", "refusal"),
    [
        (unschedulable(), "a node with room", NO_NODE),
        (
            unschedulable("SchedulingGated", "Scheduling is blocked"),
            "its pods to be admitted to the cluster",
            "Scheduling is blocked",
        ),
        (
            pending(reason="ImagePullBackOff", message='Back-off pulling image "img:1"'),
            "the image `img:1`",
            'ImagePullBackOff: Back-off pulling image "img:1"',
        ),
        (pending(reason="ErrImagePull"), "the image `img:1`", "ErrImagePull"),
        (pending(reason="InvalidImageName"), "the image `img:1`", "InvalidImageName"),
        (
            pending(reason="CreateContainerConfigError", message='secret "x" not found'),
            "its container to be created",
            'CreateContainerConfigError: secret "x" not found',
        ),
    ],
)
def test_a_pod_says_at_once_why_it_does_not_start(status: Json, wants: str, refusal: str):
    cluster = ScriptedCluster()
    job = cluster.created()
    cluster.show_pod(job, **status)

    assert cluster.events() == [Waiting(job.name, wants, refusal)]
    cluster.show_pod(job, **RUNNING)
    assert [type(event) for event in cluster.events()] == [Launched, Waiting]


def test_a_usual_start_is_silent():
    cluster = ScriptedCluster()
    job = cluster.created()
    cluster.pass_time(1.0)
    cluster.show_job(job)
    cluster.show_pod(job, phase="Pending", node=None)
    cluster.show_pod(job, **pending(reason="ContainerCreating"))
    cluster.pass_time(1.0)
    cluster.show_pod(job, **RUNNING)

    assert [type(event) for event in cluster.events()] == [Launched]


@pytest.mark.parametrize(
    ("reason", "message", "wants"),
    [
        ("FailedCreate", "Error creating: exceeded quota: small", "quota in the namespace"),
        (
            "FailedCreatePod",
            'Error creating: admission webhook "x" denied the request: no',
            "admission by the cluster",
        ),
        (
            "FailedCreate",
            'pods "x" is forbidden: violates PodSecurity "restricted:latest"',
            "admission by the cluster",
        ),
        ("FailedCreate", "Error creating: serviceaccount not found", "its pods to be created"),
    ],
)
def test_events_say_why_a_job_has_no_pods(reason: str, message: str, wants: str):
    cluster = ScriptedCluster()
    job = cluster.created()
    cluster.show_job(job, status={"conditions": []})
    cluster.pass_time(6.0)
    assert ("events",) in cluster.take_asked()
    assert cluster.events() == [Waiting(job.name, "its pods to be created")]
    cluster.controller.on_events(
        [warning("other", "x", "y"), warning("sw-s-0-1", reason, message)], None
    )

    assert cluster.events() == [Waiting(job.name, wants, message)]


def test_events_about_a_pod_explain_a_container_that_is_being_created():
    cluster = ScriptedCluster()
    job = cluster.created()
    cluster.show_pod(job, **pending(reason="ContainerCreating"))
    cluster.pass_time(6.0)
    old = warning("sw-s-0-1-main-0", "FailedScheduling", "old", "2025-01-01T00:00:00Z")
    missing = 'MountVolume.SetUp failed: configmap "sw-s" not found'
    cluster.controller.on_events([warning("sw-s-0-1-main-0", "FailedMount", missing), old], None)

    assert cluster.events()[-1] == Waiting(job.name, "its volumes", missing)


def test_events_are_listed_for_all_jobs_at_once_and_ever_more_rarely():
    cluster = ScriptedCluster()
    for number in range(50):
        cluster.created(number)
    cluster.take_asked()
    listed = 0
    for _ in range(600):
        cluster.pass_time(1.0)
        count = cluster.take_asked().count(("events",))
        listed += count
        if count:
            cluster.controller.on_events([], None)

    assert 10 <= listed <= 20


def test_events_that_cannot_be_listed_do_no_harm():
    cluster = ScriptedCluster()
    job = cluster.created()
    cluster.pass_time(6.0)
    cluster.controller.on_events([], refusal(403, "Forbidden", "events is forbidden"))

    assert cluster.events()[-1] == Waiting(job.name, "its pods to be created")


def test_a_job_that_nothing_reacts_to_lacks_its_operator():
    cluster = ScriptedCluster()
    job = cluster.created(**TWO_ROLES)
    cluster.show_job(job)
    cluster.pass_time(12.0)
    told = cluster.events()[-1]

    assert isinstance(told, Waiting)
    assert told.wants == "the operator of kind PyTorchJob"
    assert "nothing has reacted" in told.refusal


def test_a_suspended_job_names_its_queue():
    cluster = ScriptedCluster()
    job = cluster.created()
    queued = {
        "labels": {
            **cluster.job_object(job)["metadata"]["labels"],
            "kueue.x-k8s.io/queue-name": "gpus",
        }
    }
    cluster.show_job(job, spec={"suspend": True}, metadata=queued)
    assert cluster.events() == [Waiting(job.name, "admission by the queue `gpus`")]
    cluster.show_job(job, spec={"runPolicy": {"suspend": True}})

    (wait,) = cluster.events()
    assert isinstance(wait, Waiting)
    assert wait.wants == "somebody to resume its job, which is suspended"


def test_a_job_that_does_not_start_in_time_fails_and_says_what_it_waited_for():
    cluster = ScriptedCluster(start_timeout=60.0)
    job = cluster.created()
    cluster.show_job(job, status={"active": 1})
    cluster.show_pod(job, **unschedulable())
    cluster.pass_time(59.0)
    assert not any(isinstance(event, Ended) for event in cluster.events())
    cluster.pass_time(2.0)
    assert ("delete", "sw-s-0-1", job.uid) in cluster.take_asked()
    cluster.remove(job)

    failure = cluster.failure()
    assert failure is not None
    assert failure.kind is FailureKind.LAUNCH
    assert failure.message == (
        f"it did not start within 60 s; it waited for a node with room ({NO_NODE})"
    )


def test_a_job_that_has_started_does_not_time_out():
    cluster = ScriptedCluster(start_timeout=60.0)
    job = cluster.running()
    cluster.pass_time(1000.0)

    assert [type(event) for event in cluster.events()] == [Launched]
    assert job.name in cluster.controller.jobs


def test_the_creation_is_part_of_the_start():
    cluster = ScriptedCluster(start_timeout=60.0)
    cluster.launch()
    cluster.pass_time(61.0)

    failure = cluster.failure()
    assert failure is not None
    assert failure.kind is FailureKind.LAUNCH


def test_a_worker_that_does_not_start_is_told_after_the_launch():
    cluster = ScriptedCluster(start_timeout=60.0)
    job = cluster.created(**TWO_ROLES)
    cluster.show_job(job, status={"conditions": []})
    cluster.show_pod(job, **RUNNING)
    cluster.show_pod(job, role="worker", **unschedulable())
    events = cluster.events()

    assert isinstance(events[0], Launched)
    assert events[1:] == [Waiting(job.name, "a node with room", NO_NODE)]
    cluster.pass_time(61.0)
    cluster.remove(job)
    failure = cluster.failure()
    assert failure is not None
    assert failure.kind is FailureKind.LAUNCH


def test_a_job_that_was_over_before_it_was_seen_to_run_has_started():
    cluster = ScriptedCluster()
    job = cluster.created()
    cluster.show_pod(job, **ended(0))

    assert [type(event) for event in cluster.events()] == [Launched]
    assert ("finish", "sw-s-0-1") in cluster.take_asked()
    assert job.pod

"""Tests of the end of jobs: whose word counts, when a job is deleted, when its slot is free."""

import json

import pytest

from sweepwright.contracts import Ended, Launched, Output, Waiting
from sweepwright.events import Failure, FailureKind, Json
from sweepwright.plugins.platforms.kubeflow.api.resources import POD
from sweepwright.runner_client.pods.log_reader import Gap
from tests.plugins.platforms.kubeflow.jobs.scripted_cluster import (
    AWAY,
    RUNNING,
    SUCCESS,
    TWO_ROLES,
    ScriptedCluster,
    container,
    ended,
    record,
    refusal,
    report,
    text,
)

ERROR: Json = {"kind": "error", "message": "ValueError: boom"}
KILLED: Json = {"kind": "killed", "message": "killed by SIGTERM"}


def word(failure: Json = None, records: int = 9) -> str:
    """Write the agent's termination message."""
    return json.dumps({"sweepwright_ended": {"failure": failure, "records": records}})


def taken_away(kind: str, reason: str, message: str) -> Json:
    condition = {"type": kind, "status": "True", "reason": reason, "message": message}
    return {"conditions": [condition]}


def finish(cluster: ScriptedCluster, job, log_fault: str | None = None) -> Failure | None:
    """Let the log of a job end, time pass, and what is deleted vanish; return its failure."""
    cluster.controller.on_log_ended(job.name, log_fault)
    cluster.pass_time(5.0)
    assert ("delete", job.object_name, job.uid) in cluster.take_asked()
    cluster.remove(job)
    return cluster.failure()


def test_a_job_goes_from_its_launch_to_its_end():
    cluster = ScriptedCluster()
    job = cluster.running()
    cluster.log(job, record(1, "launched", handle={}), text(0, b"hello\n"), report(2, "line 0"))
    cluster.log(job, report(3, "line 1"), SUCCESS)
    assert cluster.take_asked() == [("delete", "sw-s-0-1", job.uid)]
    handle = {"machine": "node1", "job": "sw-s-0-1", "uid": job.uid, "pod": job.pod}
    assert cluster.events() == [
        Launched(job.name, handle),
        Output(job.name, "line 0", {"log": {"at": 2}, "shift": 0, "mid_line": False}),
        Output(job.name, "line 1", {"log": {"at": 3}, "shift": 0, "mid_line": False}),
    ]
    cluster.remove(job)

    assert cluster.events() == [Ended(job.name)]
    assert cluster.take_asked() == [("close", "sw-s-0-1")]
    assert cluster.text[job.name] == {0: b"hello\n"}


def test_a_slot_is_free_only_when_the_pods_are_gone():
    cluster = ScriptedCluster()
    job = cluster.running()
    cluster.log(job, SUCCESS)
    cluster.controller.on_deletion(job.name, None)
    cluster.events()
    cluster.show_job(job, metadata={"deletionTimestamp": "2026-01-01T00:00:00Z"})
    cluster.pass_time(10.0)
    assert cluster.events() == []
    cluster.remove_pods(job)
    cluster.pass_time(1.0)
    assert cluster.events() == []  # its object may still count for a quota
    cluster.remove(job)

    assert cluster.events() == [Ended(job.name)]


def test_pods_that_do_not_end_are_told_and_given_up_in_the_end():
    cluster = ScriptedCluster()
    job = cluster.running()
    cluster.controller.cancel(job.name)
    cluster.controller.on_deletion(job.name, None)
    cluster.events()
    cluster.pass_time(20.0)
    assert cluster.events() == [
        Waiting(job.name, "the end of its pod on node1", "sw-s-0-1-main-0 does not end")
    ]
    cluster.pass_time(90.0)
    assert cluster.events() == []
    cluster.pass_time(20.0)

    assert [type(event) for event in cluster.events()] == [Ended]


def test_a_deletion_that_is_not_granted_is_repeated():
    cluster = ScriptedCluster()
    job = cluster.running()
    cluster.log(job, SUCCESS)
    for _ in range(10):
        assert ("delete", "sw-s-0-1", job.uid) in cluster.take_asked()
        cluster.controller.on_deletion(job.name, AWAY)
        cluster.pass_time(60.0)
    waits = [event for event in cluster.events() if isinstance(event, Waiting)]
    assert waits[0].wants == "the API server, which cannot be reached"
    assert job.name in cluster.controller.jobs
    cluster.controller.on_deletion(job.name, refusal(404, "NotFound", "not found"))
    cluster.remove(job)

    assert [type(event) for event in cluster.events()] == [Waiting, Ended]


def test_the_outcome_is_on_the_disk_before_the_job_is_deleted():
    cluster = ScriptedCluster()
    job = cluster.running()
    cluster.full_disk = "No space left on device"
    cluster.log(job, report(1, "x"), SUCCESS)
    cluster.pass_time(30.0)
    assert not any(asked[0] == "delete" for asked in cluster.take_asked())
    told = cluster.events()[-1]
    assert isinstance(told, Waiting)
    assert told.refusal == "No space left on device"
    cluster.full_disk = ""
    cluster.pass_time(6.0)

    assert cluster.saved[job.name] is not None
    assert ("delete", "sw-s-0-1", job.uid) in cluster.take_asked()


@pytest.mark.parametrize("conditions", [["Failed"], ["Succeeded"], []])
@pytest.mark.parametrize("failure", [None, ERROR])
def test_the_agent_is_believed_before_the_operator(conditions: list[str], failure: Json):
    cluster = ScriptedCluster()
    job = cluster.running()
    for kind in conditions:
        cluster.condition(job, kind, "BackoffLimitExceeded", "it says")
    cluster.log(job, record(1, "ended", failure=failure))
    cluster.pass_time(5.0)
    cluster.remove(job)
    found = cluster.failure()

    assert found == (Failure(FailureKind.ERROR, "ValueError: boom") if failure else None)


def test_the_termination_message_tells_what_a_lost_end_of_the_log_does_not():
    cluster = ScriptedCluster()
    job = cluster.running()
    cluster.log(job, report(8, "result"))
    cluster.show_pod(job, **ended(0, message=word(records=9)))
    assert ("finish", "sw-s-0-1") in cluster.take_asked()

    assert finish(cluster, job, "pods not found") is None


def test_a_success_whose_reports_were_not_read_is_lost():
    cluster = ScriptedCluster()
    job = cluster.running()
    cluster.log(job, report(3, "x"))
    cluster.show_pod(job, **ended(0, message=word(records=9)))

    failure = finish(cluster, job, 'pods "x" not found')
    assert failure is not None
    assert failure.kind is FailureKind.LOST
    assert failure.message == (
        "sw-s-0-1-main-0 succeeded, but only 3 of 9 records of its log were read: "
        'pods "x" not found'
    )


def test_reports_that_were_rotated_away_make_a_success_lost():
    cluster = ScriptedCluster()
    job = cluster.running()
    cluster.log(job, Gap(7, 0), SUCCESS)
    cluster.pass_time(5.0)
    cluster.remove(job)

    failure = cluster.failure()
    assert failure is not None
    assert failure.kind is FailureKind.LOST
    assert "7 records" in failure.message


def test_output_that_was_rotated_away_leaves_one_line_in_the_file():
    cluster = ScriptedCluster()
    job = cluster.running()
    cluster.log(job, text(0, b"first\n"), Gap(0, 1000), text(1006, b"last\n"), report(1, "x"))
    line = b"[the log of the pod lacks 1,000 bytes of output: it was rotated before it was read]\n"

    assert cluster.text[job.name] == {0: b"first\n", 6: line, 6 + len(line): b"last\n"}
    cursor = {"log": {"at": 1}, "shift": len(line) - 1000, "mid_line": False}
    assert cluster.events()[-1] == Output(job.name, "x", cursor)


def test_the_line_about_lost_output_is_a_line_of_its_own_also_within_a_line():
    """Where a stream breaks, even the break of a line that was read completely may be lost."""
    cluster = ScriptedCluster()
    job = cluster.running()
    cluster.log(job, text(0, b"first\nsec"), text(9, b"ond"), Gap(0, 88), Gap(0, 100))
    cluster.log(job, text(200, b"last"), report(1, "x"))
    printed = b"".join(cluster.text[job.name][at] for at in sorted(cluster.text[job.name]))

    assert printed.decode().splitlines() == [
        "first",
        "second",
        f"[{Gap(0, 88)}]",
        f"[{Gap(0, 100)}]",
        "last",
    ]
    cursor = {"log": {"at": 1}, "shift": len(printed) - 204, "mid_line": True}
    assert cluster.events()[-1] == Output(job.name, "x", cursor)


@pytest.mark.parametrize(
    ("status", "kind", "told"),
    [
        ({"reason": "Evicted", "message": "low on memory"}, FailureKind.LOST, "Evicted: low on"),
        ({"reason": "NodeLost"}, FailureKind.LOST, "NodeLost"),
        ({"reason": "Terminated", "message": "node shutdown"}, FailureKind.LOST, "node shutdown"),
        (
            taken_away("DisruptionTarget", "PreemptionByScheduler", "for a better pod"),
            FailureKind.LOST,
            "PreemptionByScheduler: for a better pod",
        ),
        (
            taken_away("DisruptionTarget", "DeletionByTaintManager", "node is not ready"),
            FailureKind.LOST,
            "DeletionByTaintManager",
        ),
        ({"reason": "DeadlineExceeded", "message": "too long"}, FailureKind.TIMEOUT, "too long"),
    ],
)
def test_a_pod_that_the_cluster_takes_away_is_no_fault_of_the_trial(
    status: Json, kind: FailureKind, told: str
):
    states: list[Json] = [{}, container(terminated={"exitCode": 143, "reason": "Error"})]
    for state in states:
        cluster = ScriptedCluster()
        job = cluster.running()
        cluster.show_pod(job, phase="Failed", **status, **state)
        failure = finish(cluster, job, "gone")

        assert failure is not None
        assert failure.kind is kind
        assert told in failure.message
        assert "\n" not in failure.message


def test_an_agent_that_is_ended_by_the_cluster_does_not_call_it_killed():
    cluster = ScriptedCluster()
    job = cluster.running()
    cluster.log(job, record(3, "ended", failure=KILLED))
    cluster.pass_time(1.0)
    assert not any(asked[0] == "delete" for asked in cluster.take_asked())
    eviction = taken_away("DisruptionTarget", "EvictionByEvictionAPI", "Eviction API: evicting")
    cluster.show_pod(job, **RUNNING, **eviction)

    failure = finish(cluster, job)
    assert failure is not None
    assert failure.kind is FailureKind.LOST
    assert "EvictionByEvictionAPI" in failure.message


def test_a_process_that_is_killed_in_its_pod_is_killed():
    cluster = ScriptedCluster()
    job = cluster.running()
    cluster.log(
        job, record(3, "ended", failure={"kind": "killed", "message": "killed by SIGKILL"})
    )
    cluster.show_pod(job, **ended(1, message=word(KILLED)))

    failure = finish(cluster, job)
    assert failure == Failure(FailureKind.KILLED, "killed by SIGKILL")


def test_a_pod_that_somebody_deletes_is_lost():
    cluster = ScriptedCluster()
    job = cluster.running()
    cluster.show_pod(job, **RUNNING, metadata={"deletionTimestamp": "2026-01-01T00:00:00Z"})
    cluster.log(job, record(3, "ended", failure=KILLED))
    failure = finish(cluster, job)

    assert failure == Failure(FailureKind.LOST, "sw-s-0-1-main-0 on node1 was deleted")


def test_a_pod_that_vanishes_without_a_trace_is_lost_even_if_its_operator_replaces_it():
    cluster = ScriptedCluster()
    job = cluster.running()
    cluster.controller.on_deleted(POD, {"metadata": {"name": "sw-s-0-1-main-0"}})
    cluster.show_pod(job, uid="another", **RUNNING)
    failure = finish(cluster, job, "not found")

    assert failure == Failure(FailureKind.LOST, "sw-s-0-1-main-0 on node1 was deleted")


def test_a_job_that_somebody_deletes_is_lost():
    cluster = ScriptedCluster()
    job = cluster.running()
    cluster.remove(job)
    cluster.controller.on_log_ended(job.name, "not found")
    cluster.pass_time(5.0)

    failure = cluster.failure()
    assert failure is not None
    assert failure.kind is FailureKind.LOST


def test_a_job_that_somebody_deletes_before_it_has_pods_is_lost():
    cluster = ScriptedCluster()
    job = cluster.created()
    cluster.show_job(job)
    cluster.remove(job)
    cluster.pass_time(5.0)

    assert cluster.failure() == Failure(
        FailureKind.LOST, "sw-s-0-1 was deleted, not by this sweep"
    )


def test_a_job_that_vanishes_before_any_watch_shows_it_is_looked_for():
    cluster = ScriptedCluster()
    job = cluster.created()
    cluster.controller.on_listed(job.resource, {})  # a list from before its creation
    cluster.pass_time(9.0)
    assert ("read", "sw-s-0-1") not in cluster.take_asked()
    cluster.pass_time(2.0)
    assert ("read", "sw-s-0-1") in cluster.take_asked()
    cluster.controller.on_read(job.name, None, refusal(404, "NotFound", "not found"))
    cluster.pass_time(5.0)

    assert cluster.failure() is not None


def test_inputs_that_were_deleted_with_their_jobs_are_created_again():
    cluster = ScriptedCluster()
    job = cluster.running()
    cluster.remove(job)
    cluster.controller.on_log_ended(job.name, "not found")
    cluster.pass_time(5.0)
    cluster.take_asked()
    cluster.launch(0, 2)

    assert cluster.take_asked() == [("inputs",)]


def test_a_container_that_the_kernel_kills_is_out_of_memory():
    cluster = ScriptedCluster()
    job = cluster.running()
    cluster.show_pod(job, **ended(137, "OOMKilled"))
    failure = finish(cluster, job)

    assert failure is not None
    assert failure.kind is FailureKind.MEMORY


@pytest.mark.parametrize(
    ("status", "kind", "told"),
    [
        (ended(3), FailureKind.EXIT, "exit code 3: the last line"),
        (ended(139), FailureKind.KILLED, "killed by signal 11"),
        (ended(128, "StartError", "no such file: python3"), FailureKind.LAUNCH, "no such file"),
        (ended(0), FailureKind.LOST, "the log ends too early"),
    ],
)
def test_a_container_without_a_word_of_its_agent_is_explained_by_its_exit(
    status: Json, kind: FailureKind, told: str
):
    cluster = ScriptedCluster()
    job = cluster.running()
    cluster.log(job, record(1, "launched", handle={}), text(0, b"first\nthe last line\n"))
    cluster.show_pod(job, **status)
    failure = finish(cluster, job)

    assert failure is not None
    assert failure.kind is kind
    assert told in failure.message


def test_a_container_whose_agent_never_spoke_was_not_started():
    cluster = ScriptedCluster()
    job = cluster.running()
    cluster.log(job, text(0, b"sweepwright needs Python 3.8\n"))
    cluster.show_pod(job, **ended(1))
    failure = finish(cluster, job)

    assert failure == Failure(
        FailureKind.LAUNCH,
        "the trial was not started: exit code 1: sweepwright needs Python 3.8",
    )


def test_a_refusal_by_the_machine_of_a_pod_is_no_fault_of_the_trial():
    cluster = ScriptedCluster()
    job = cluster.running()
    cluster.log(job, record(1, "refused", reason="Read-only file system"))
    failure = finish(cluster, job)

    assert failure == Failure(FailureKind.LOST, "Read-only file system")


def test_what_a_job_waits_for_in_its_pod_is_told():
    cluster = ScriptedCluster()
    job = cluster.running()
    cluster.events()
    cluster.log(job, record(1, "waiting", wants="space on the disk", refusal="No space left"))
    cluster.log(job, record(2, "launched", handle={}))

    assert cluster.events() == [
        Waiting(job.name, "space on the disk", "No space left"),
        Waiting(job.name, ""),
    ]


def test_the_cluster_s_own_deadline_is_a_timeout():
    cluster = ScriptedCluster()
    job = cluster.running()
    cluster.show_pod(job, **RUNNING, metadata={"deletionTimestamp": "2026-01-01T00:00:00Z"})
    cluster.log(job, record(3, "ended", failure=KILLED))
    cluster.condition(job, "Failed", "DeadlineExceeded", "Job was active longer than specified")
    failure = finish(cluster, job)

    assert failure is not None
    assert failure.kind is FailureKind.TIMEOUT


def test_a_queue_that_suspends_a_running_job_preempts_it():
    cluster = ScriptedCluster()
    job = cluster.running()
    cluster.show_job(job, spec={"suspend": True})
    cluster.show_pod(job, **RUNNING, metadata={"deletionTimestamp": "2026-01-01T00:00:00Z"})
    cluster.log(job, record(3, "ended", failure=KILLED))
    failure = finish(cluster, job)

    assert failure == Failure(FailureKind.LOST, "somebody has suspended the running job sw-s-0-1")


def test_an_operator_that_gives_up_before_the_start_is_believed():
    cluster = ScriptedCluster()
    job = cluster.created(**TWO_ROLES)
    cluster.condition(job, "Failed", "PyTorchJobFailedValidation", "no container named pytorch")
    cluster.pass_time(5.0)
    cluster.remove(job)

    failure = cluster.failure()
    assert failure is not None
    assert failure.kind is FailureKind.LAUNCH
    assert "no container named pytorch" in failure.message


def test_a_cancelled_job_is_deleted_at_once_and_ends_as_killed():
    cluster = ScriptedCluster()
    job = cluster.running()
    cluster.controller.cancel(job.name)
    cluster.controller.cancel(job.name)
    assert cluster.take_asked() == [("delete", "sw-s-0-1", job.uid)]
    cluster.log(job, report(5, "too late"))
    cluster.remove(job)

    assert cluster.failure() == Failure(FailureKind.KILLED, "cancelled")


def test_a_job_that_has_ended_is_not_cancelled():
    cluster = ScriptedCluster()
    job = cluster.running()
    cluster.log(job, SUCCESS)
    cluster.controller.cancel(job.name)
    cluster.remove(job)

    assert cluster.failure() is None


def test_finished_jobs_can_be_kept():
    cluster = ScriptedCluster(keep_finished=True)
    job = cluster.running()
    cluster.log(job, SUCCESS)
    assert not any(isinstance(event, Ended) for event in cluster.events())
    cluster.show_pod(job, **ended(0, message=word()))

    assert cluster.events() == [Ended(job.name)]
    assert not any(asked[0] == "delete" for asked in cluster.take_asked())


def test_a_kept_job_whose_pods_do_not_end_is_deleted():
    cluster = ScriptedCluster(keep_finished=True)
    job = cluster.running(**TWO_ROLES)
    cluster.log(job, SUCCESS)
    cluster.show_pod(job, **ended(0, message=word()))
    cluster.pass_time(16.0)

    assert ("delete", "sw-s-0-1", job.uid) in cluster.take_asked()


def test_a_job_whose_api_server_is_away_goes_on():
    cluster = ScriptedCluster()
    job = cluster.running()
    cluster.events()
    cluster.controller.on_interrupted(POD, "Connection refused")
    cluster.pass_time(1.0)
    assert cluster.events() == []
    cluster.pass_time(1.5)
    assert cluster.events() == [
        Waiting(job.name, "the API server, which cannot be reached", "Connection refused")
    ]
    cluster.pass_time(600.0)
    cluster.controller.on_resumed(POD)
    assert cluster.events() == [Waiting(job.name, "")]
    cluster.log(job, SUCCESS)
    cluster.remove(job)

    assert cluster.failure() is None


def test_a_job_whose_api_server_refuses_access_goes_on():
    cluster = ScriptedCluster()
    job = cluster.running()
    cluster.events()
    cluster.controller.on_interrupted(POD, "Unauthorized", 401)
    cluster.pass_time(2.5)

    assert cluster.events() == [
        Waiting(job.name, "the API server, which refuses access", "Unauthorized")
    ]

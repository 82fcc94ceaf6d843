"""What goes wrong in clusters: no job is doubled, lost or left behind, and each cause is named."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sweepwright.contracts import Role
from sweepwright.events import FailureKind
from sweepwright.testing.kubernetes.store.resources import CONFIG_MAPS, JOBS
from tests.plugins.platforms.kubeflow.cluster_rig import (
    ClusterRig,
    cluster_rig,
    end_badly,
    end_well,
    watch_wait,
)

CREDENTIALS = "client.authentication.k8s.io/v1"


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[ClusterRig]:
    with cluster_rig(tmp_path) as rig:
        yield rig
        rig.stack.close()
        assert rig.left() == [], "something was left behind"


def dropped_watch(rig: ClusterRig) -> None:
    rig.server.faults.drop_watches()


def expired_versions(rig: ClusterRig) -> None:
    rig.server.faults.expire_versions()
    rig.server.faults.drop_watches()


def dropped_connections(rig: ClusterRig) -> None:
    rig.server.faults.drop_connections()


def server_errors(rig: ClusterRig) -> None:
    rig.server.faults.answer(500, times=6)
    rig.server.faults.drop_connections()


def throttling(rig: ClusterRig) -> None:
    rig.server.faults.throttle(times=3, retry_after=1)
    rig.server.faults.drop_watches()


@pytest.mark.parametrize(
    "fault",
    [
        server_errors,
        *(
            pytest.param(fault, marks=pytest.mark.ci_only)
            for fault in (dropped_watch, expired_versions, dropped_connections, throttling)
        ),
    ],
)
def test_a_running_job_survives_what_happens_to_the_server(
    rig: ClusterRig, fault: Callable[[ClusterRig], None]
):
    harness = rig.harness()
    job = harness.launch("hang")
    harness.watch_to_start(job)
    fault(rig)
    harness.platform.cancel(job.name)
    second = harness.launch("talk", trial=1)
    failure = end_badly(harness, job)
    end_well(harness, second)

    assert failure.kind is FailureKind.KILLED
    assert len(rig.created) == 2


def test_a_job_whose_creation_is_not_answered_is_created_once(rig: ClusterRig):
    rig.server.faults.lose_answers(verb="create")
    rig.server.faults.lose_answers(verb="create", resource="jobs")
    harness = rig.harness()
    end_well(harness, harness.launch("talk"))

    assert len(rig.created) == 1


@pytest.mark.ci_only
@pytest.mark.parametrize("answer", [b"<html>log in", b'{"error": "log in"}'])
def test_a_proxy_that_answers_instead_of_the_server_is_not_believed(
    rig: ClusterRig, answer: bytes
):
    for resource in ("jobs", "configmaps"):
        rig.server.faults.answer(200, times=1, verb="create", resource=resource, body=answer)
    harness = rig.harness()
    end_well(harness, harness.launch("talk"))

    assert len(rig.created) == 1


@pytest.mark.ci_only
def test_a_throttled_creation_is_repeated(rig: ClusterRig):
    rig.server.faults.throttle(times=2, retry_after=1, verb="create", resource="jobs")
    harness = rig.harness()
    end_well(harness, harness.launch("talk"))

    assert len(rig.created) == 1


@pytest.mark.ci_only
def test_a_deletion_that_is_not_answered_is_repeated(rig: ClusterRig):
    rig.server.faults.lose_answers(verb="delete", resource="jobs")
    harness = rig.harness()
    end_well(harness, harness.launch("talk"))


@pytest.mark.ci_only
def test_jobs_go_on_while_the_server_is_away(rig: ClusterRig):
    harness = rig.harness()
    running = harness.launch("hang")
    harness.watch_to_start(running)
    with rig.server.faults.outage("refuse"):
        told = watch_wait(harness, running, "the API server, which cannot be reached")
        assert told.refusal
        later = harness.launch("talk", trial=1)
        watch_wait(harness, later, "the API server")
    end_well(harness, later)
    assert harness.waits(running)[-1].wants == ""
    assert not harness.endings(running)
    harness.platform.cancel(running.name)
    harness.watch_to_end(running)

    assert len(rig.created) == 2


@pytest.mark.ci_only
@pytest.mark.parametrize("fault", ["evict", "preempt", "delete_pod"])
def test_a_pod_that_is_taken_away_is_lost(rig: ClusterRig, fault: str):
    harness = rig.harness()
    job = harness.launch("hang")
    harness.watch_to_start(job)
    getattr(rig.cluster.faults, fault)(rig.pod())
    failure = end_badly(harness, job)

    assert failure.kind is FailureKind.LOST
    assert len(rig.created) == 1


@pytest.mark.ci_only
def test_the_pods_of_a_lost_node_are_lost(rig: ClusterRig):
    harness = rig.harness()
    job = harness.launch("hang")
    harness.watch_to_start(job)
    rig.cluster.faults.lose_node("node-1")
    failure = end_badly(harness, job)
    rig.cluster.faults.recover_node("node-1")

    assert failure.kind is FailureKind.LOST
    assert "node-1" in failure.message


def test_a_container_that_the_kernel_kills_is_out_of_memory(rig: ClusterRig):
    harness = rig.harness()
    job = harness.launch("hang")
    harness.watch_to_start(job)
    rig.cluster.faults.oom(rig.pod())

    assert end_badly(harness, job).kind is FailureKind.MEMORY


@pytest.mark.ci_only
def test_a_job_that_somebody_deletes_is_lost(rig: ClusterRig):
    harness = rig.harness()
    job = harness.launch("hang")
    harness.watch_to_start(job)
    (found,) = rig.server.store.list(JOBS, "default")
    rig.server.store.delete(JOBS, "default", found["metadata"]["name"])
    failure = end_badly(harness, job)

    assert failure.kind is FailureKind.LOST
    assert "deleted" in failure.message


def test_a_job_that_is_lost_before_it_runs_is_not_created_again_by_the_next_driver(
    rig: ClusterRig,
):
    """The driver may have been killed before the journal had its end."""
    rig.cluster.faults.cordon("node-1")
    first = rig.harness()
    job = first.launch("talk")
    watch_wait(first, job, "a node with room")
    rig.cluster.faults.delete_pod(rig.pod())
    first.watch(lambda: bool(first.endings(job)))
    rig.cluster.faults.cordon("node-1", unschedulable=False)
    second = rig.harness(resumed=True)
    second.start(job)

    assert end_badly(second, job) == first.failure(job)
    assert not second.launches(job)
    assert len(rig.created) == 1


@pytest.mark.ci_only
def test_an_image_that_cannot_be_pulled_is_told_and_waited_for(rig: ClusterRig):
    rig.cluster.faults.break_image("trial:1")
    harness = rig.harness()
    job = harness.launch("talk")
    told = watch_wait(harness, job, "the image `trial:1`")
    assert told.refusal
    rig.cluster.faults.repair_image("trial:1")

    end_well(harness, job)


def test_a_job_that_finds_no_node_is_told_and_times_out(rig: ClusterRig):
    rig.options["start_timeout"] = 2.0
    rig.cluster.faults.cordon("node-1")
    harness = rig.harness()
    job = harness.launch("talk")
    told = watch_wait(harness, job, "a node with room")
    assert "nodes are available" in told.refusal
    failure = end_badly(harness, job)

    assert failure.kind is FailureKind.LAUNCH
    assert "did not start within 2 s; it waited for a node with room" in failure.message


@pytest.mark.ci_only
@pytest.mark.parametrize("hard", [{"pods": "0"}, {"count/jobs.batch": "0"}])
def test_a_quota_that_is_used_up_is_told_and_waited_for(rig: ClusterRig, hard: dict[str, str]):
    rig.cluster.faults.set_quota("small", hard)
    harness = rig.harness()
    job = harness.launch("talk")
    told = watch_wait(harness, job, "quota in the namespace")
    assert "exceeded quota: small" in told.refusal
    rig.cluster.faults.lift_quota("small")

    end_well(harness, job)


TALK_TWICE = """
import os, time
from sweepwright.trial import report_final_result, report_intermediate_result
def wait_for(name):
    while not os.path.exists(os.path.join(os.environ["SIGNALS"], name)):
        time.sleep(0.02)
report_intermediate_result(0)
wait_for("first")
for step in range(1, 5):
    print(1000 * ("x" * 99 + "\\n"), "step", step, flush=True)
    report_intermediate_result(step)
open(os.path.join(os.environ["SIGNALS"], "written"), "w").close()
wait_for("second")
report_final_result(5)
"""


def test_a_log_that_is_rotated_before_it_is_read_loses_no_report(rig: ClusterRig):
    harness = rig.harness()
    (rig.folder / "twice.py").write_text(TALK_TWICE)
    job = harness.launch("twice", environment={"SIGNALS": str(rig.folder)})
    harness.watch_to_start(job)
    pod = rig.pod()
    with rig.server.faults.outage("refuse"):
        (rig.folder / "first").touch()
        harness.watch((rig.folder / "written").exists)
        harness.watch(lambda: _has_written(rig, pod))
        rig.cluster.faults.rotate_log(pod)
    assert len(harness.outputs(job)) == 1
    (rig.folder / "second").touch()

    end_well(harness, job)
    kept = (rig.folder / "trials" / "0" / "1" / "main-0.stdout").read_text()
    assert kept.startswith("[the log of the pod lacks 4")


def _has_written(rig: ClusterRig, pod: str) -> bool:
    """Tell whether the agent has passed on all that the trial has written."""
    log = rig.cluster.faults._log_of("default", pod, None)
    return b"step 4" in log.tail(1 << 20)


@pytest.mark.ci_only
def test_a_log_that_its_node_has_lost_makes_a_job_lost(rig: ClusterRig):
    harness = rig.harness()
    job = harness.launch("hang")
    harness.watch_to_start(job)
    rig.cluster.faults.lose_log(rig.pod())
    rig.server.faults.drop_connections()
    rig.cluster.faults.delete_pod(rig.pod())

    assert end_badly(harness, job).kind is FailureKind.LOST


def test_credentials_that_expire_are_renewed(rig: ClusterRig):
    token = rig.folder / "token"
    token.write_text("first")
    rig.server.tokens.add("first", "alice")
    credential = {"apiVersion": CREDENTIALS, "kind": "ExecCredential", "status": {"token": "%s"}}
    script = f'printf \'{json.dumps(credential)}\' "$(cat "$0")"'
    user = {
        "exec": {
            "apiVersion": CREDENTIALS,
            "command": "sh",
            "args": ["-c", script, str(token)],
            "interactiveMode": "Never",
        }
    }
    rig.server.kubeconfig(rig.folder / "config", user=user)
    harness = rig.harness()
    job = harness.launch("hang")
    harness.watch_to_start(job)
    token.write_text("second")
    rig.server.tokens.add("second", "alice")
    rig.server.tokens.expire("first")
    rig.server.faults.drop_connections()
    second = harness.launch("talk", trial=1)
    end_well(harness, second)
    harness.platform.cancel(job.name)
    harness.watch_to_end(job)


@pytest.mark.ci_only
def test_a_failing_worker_names_itself_while_the_master_hangs(rig: ClusterRig):
    harness = rig.harness()
    roles = (
        Role("master", harness.entry("hang")),
        Role("worker", harness.entry("leave"), replicas=2, reports=False),
    )
    job = harness.launch("hang", roles=roles, kind="PyTorchJob")
    failure = end_badly(harness, job)

    assert failure.kind is FailureKind.EXIT
    assert failure.message.startswith("role `worker` rank ")


def test_no_thread_is_left(rig: ClusterRig):
    before = threading.active_count()
    harness = rig.harness()
    end_well(harness, harness.launch("talk"))
    harness.platform.close()
    rig.server.faults.drop_connections()

    left = [each.name for each in threading.enumerate() if "cluster call" in each.name]
    assert not left
    assert threading.active_count() <= before + 8  # those of the server


@pytest.mark.ci_only
def test_a_creation_that_fails_again_and_again_is_told_within_seconds(rig: ClusterRig):
    """The server answers all other requests, so that no watch tells."""
    text = 'Internal error occurred: failed calling webhook "v.example": connection refused'
    rig.server.faults.answer(500, times=1000, verb="create", resource="jobs", message=text)
    harness = rig.harness()
    job = harness.launch("talk")
    told = watch_wait(harness, job, "admission by the cluster")
    rig.server.faults.clear()
    end_well(harness, job)

    assert told.refusal == text
    assert len(rig.created) == 1


@pytest.mark.ci_only
def test_inputs_that_somebody_deletes_take_their_jobs_along_and_are_made_again(rig: ClusterRig):
    harness = rig.harness()
    job = harness.launch("hang")
    harness.watch_to_start(job)
    (inputs,) = rig.server.store.list(CONFIG_MAPS, "default")
    rig.server.store.delete(CONFIG_MAPS, "default", inputs["metadata"]["name"])
    failure = end_badly(harness, job)
    end_well(harness, harness.launch("talk", trial=0, attempt=2))

    assert failure.kind is FailureKind.LOST
    assert len(rig.created) == 2

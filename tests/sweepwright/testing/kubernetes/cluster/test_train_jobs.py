"""TrainJobs as trainer v2 runs them."""

import pytest

from sweepwright.testing.kubernetes.cluster import TrainingRuntime
from sweepwright.testing.kubernetes.store.resources import TRAIN_JOBS
from tests.sweepwright.testing.kubernetes.cluster.cluster_harness import (
    ClusterHarness,
    Object,
    scripted,
)

RUNTIMES = {
    "torch-distributed": TrainingRuntime(),
    "once": TrainingRuntime(restart_policy="Never", backoff_limit=0),
}


@pytest.fixture
def harness():
    with scripted(runtimes=RUNTIMES) as harness:
        yield harness


def train_spec(nodes: int = 1, runtime: str = "once", **env: object) -> Object:
    variables = [{"name": key, "value": str(value)} for key, value in env.items()]
    trainer = {"numNodes": nodes, "env": variables, "image": "mine", "command": ["train"]}
    return {"runtimeRef": {"name": runtime}, "trainer": trainer}


def types_of(harness: ClusterHarness) -> list[str]:
    return [c["type"] for c in harness.status(TRAIN_JOBS, "job").get("conditions", [])]


def test_a_running_job_has_no_condition(harness: ClusterHarness):
    harness.create(TRAIN_JOBS, "job", train_spec())
    harness.running()
    harness.until(lambda: harness.status(TRAIN_JOBS, "job")["jobsStatus"][0]["ready"])

    assert types_of(harness) == []
    assert harness.status(TRAIN_JOBS, "job")["jobsStatus"] == [
        {"name": "node", "ready": 1, "active": 1, "succeeded": 0, "failed": 0, "suspended": 0}
    ]


def test_a_job_is_complete_when_its_nodes_are(harness: ClusterHarness):
    harness.create(TRAIN_JOBS, "job", train_spec(nodes=2, SECONDS=0))
    complete = harness.condition(TRAIN_JOBS, "job", "Complete")

    assert complete["reason"] == "AllJobsCompleted"
    assert types_of(harness) == ["Complete"]


def test_a_job_fails_with_its_job(harness: ClusterHarness):
    harness.create(TRAIN_JOBS, "job", train_spec(SECONDS=0, CODE=1))
    failed = harness.condition(TRAIN_JOBS, "job", "Failed")

    assert failed["reason"] == "FailedJobs"
    assert "first failed job: job-node-0" in failed["message"]


def test_nodes_know_one_another(harness: ClusterHarness):
    harness.create(TRAIN_JOBS, "job", train_spec(nodes=2))
    pod = harness.running(2)[1]
    env = {each["name"]: each.get("value") for each in pod["spec"]["containers"][0]["env"]}

    assert pod["metadata"]["name"].startswith("job-node-0-1-")
    assert pod["metadata"]["labels"]["jobset.sigs.k8s.io/jobset-name"] == "job"
    assert env["PET_NNODES"] == "2"
    assert env["PET_MASTER_ADDR"] == "job-node-0-0.job"
    assert env["PET_MASTER_PORT"] == "29400"
    assert env["JOB_COMPLETION_INDEX"] == "1"


def test_a_failed_container_restarts_by_default(harness: ClusterHarness):
    """The runtimes that come with trainer do not say `Never`, and a TrainJob cannot."""
    harness.create(TRAIN_JOBS, "job", train_spec(1, "torch-distributed", SECONDS=0.02, CODE=9))
    harness.condition(TRAIN_JOBS, "job", "Failed")

    assert harness.event("BackOff")["involvedObject"]["kind"] == "Pod"


def test_a_job_that_has_no_room_for_its_job_tries_again(harness: ClusterHarness):
    harness.faults.set_quota("none", {"count/jobs.batch": "0"})
    harness.create(TRAIN_JOBS, "job", train_spec())
    assert "exceeded quota: none" in harness.event("FailedCreate")["message"]

    harness.faults.lift_quota("none")
    harness.running()


def test_a_suspended_job_says_so(harness: ClusterHarness):
    harness.create(TRAIN_JOBS, "job", {**train_spec(), "suspend": True})
    harness.condition(TRAIN_JOBS, "job", "Suspended")
    assert harness.pods() == []

    def resume(job):
        job["spec"]["suspend"] = False
        return job

    harness.store.modify(TRAIN_JOBS, "default", "job", resume)
    harness.running()
    assert harness.condition(TRAIN_JOBS, "job", "Suspended", "False")["reason"] == "Resumed"


def test_a_job_fails_at_its_deadline(harness: ClusterHarness):
    harness.create(TRAIN_JOBS, "job", {**train_spec(), "activeDeadlineSeconds": 1})
    failed = harness.condition(TRAIN_JOBS, "job", "Failed")

    assert failed["reason"] == "DeadlineExceeded"
    harness.until(lambda: not harness.pods())


def test_patches_change_the_pods(harness: ClusterHarness):
    patch = {
        "metadata": {"labels": {"mine": "yes"}},
        "spec": {
            "nodeSelector": {"kubernetes.io/os": "linux"},
            "containers": [{"name": "node", "env": [{"name": "ADDED", "value": "1"}]}],
            "volumes": [{"name": "scratch", "emptyDir": {}}],
        },
    }
    job = {"name": "node", "template": {"spec": {"template": patch}}}
    runtime = {"template": {"spec": {"replicatedJobs": [job]}}}
    patches = [{"manager": "sweepwright", "trainingRuntimeSpec": runtime}]
    harness.create(TRAIN_JOBS, "job", {**train_spec(KEPT="1"), "runtimePatches": patches})
    (pod,) = harness.running()
    (container,) = pod["spec"]["containers"]

    assert pod["metadata"]["labels"]["mine"] == "yes"
    assert pod["spec"]["volumes"] == [{"name": "scratch", "emptyDir": {}}]
    assert (container["image"], container["command"]) == ("mine", ["train"])
    assert {"ADDED", "KEPT"} <= {each["name"] for each in container["env"]}

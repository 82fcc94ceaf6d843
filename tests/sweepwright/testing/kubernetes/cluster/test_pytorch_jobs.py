"""PyTorchJobs as training-operator v1.9 runs them."""

import pytest

from sweepwright.testing.kubernetes.store.resources import NAMESPACES, PODS, PYTORCH_JOBS
from tests.sweepwright.testing.kubernetes.cluster.cluster_harness import (
    ClusterHarness,
    pytorch_spec,
    scripted,
    template,
)


@pytest.fixture
def harness():
    with scripted() as harness:
        yield harness


def types_of(harness: ClusterHarness, name: str) -> list[tuple[str, str]]:
    conditions = harness.status(PYTORCH_JOBS, name)["conditions"]
    return [(condition["type"], condition["status"]) for condition in conditions]


def test_a_job_succeeds_as_soon_as_its_master_does(harness: ClusterHarness):
    spec = pytorch_spec()
    spec["pytorchReplicaSpecs"]["Master"]["template"] = template("pytorch", SECONDS=0.1)
    spec["pytorchReplicaSpecs"]["Worker"] = {
        "replicas": 2,
        "restartPolicy": "Never",
        "template": template("pytorch"),
    }
    harness.create(PYTORCH_JOBS, "job", spec)
    harness.condition(PYTORCH_JOBS, "job", "Running")
    succeeded = harness.condition(PYTORCH_JOBS, "job", "Succeeded")

    assert succeeded["reason"] == "PyTorchJobSucceeded"
    assert types_of(harness, "job") == [
        ("Created", "True"),
        ("Running", "False"),
        ("Succeeded", "True"),
    ]
    assert harness.status(PYTORCH_JOBS, "job")["completionTime"]
    harness.running(2)


def test_pods_know_their_place(harness: ClusterHarness):
    harness.create(PYTORCH_JOBS, "job", pytorch_spec(workers=1))
    harness.running(2)
    master, worker = harness.pod("job-master-0"), harness.pod("job-worker-0")

    assert master["metadata"]["labels"] == {
        "training.kubeflow.org/job-name": "job",
        "training.kubeflow.org/operator-name": "pytorchjob-controller",
        "training.kubeflow.org/replica-type": "master",
        "training.kubeflow.org/replica-index": "0",
        "training.kubeflow.org/job-role": "master",
    }
    assert "training.kubeflow.org/job-role" not in worker["metadata"]["labels"]
    env = {each["name"]: each["value"] for each in worker["spec"]["containers"][0]["env"]}
    assert env["MASTER_ADDR"] == "job-master-0"
    assert env["MASTER_PORT"] == "23456"
    assert (env["WORLD_SIZE"], env["RANK"]) == ("2", "1")
    assert (env["PET_NNODES"], env["PET_NODE_RANK"]) == ("2", "1")


def test_workers_may_get_the_init_container_of_the_operator():
    with scripted(init_image="alpine:3.10") as harness:
        harness.create(PYTORCH_JOBS, "job", pytorch_spec(workers=1))
        harness.running(1)
        (init,) = harness.pod("job-worker-0")["spec"]["initContainers"]

        assert (init["name"], init["image"]) == ("init-pytorch", "alpine:3.10")
        assert "initContainers" not in harness.pod("job-master-0")["spec"]


def test_the_restricted_profile_refuses_that_init_container():
    """A worker that obeys the profile itself is refused for what the operator adds."""
    with scripted(init_image="alpine:3.10") as harness:
        enforce = {"pod-security.kubernetes.io/enforce": "restricted"}

        def label(namespace):
            namespace["metadata"]["labels"] |= enforce
            return namespace

        harness.store.modify(NAMESPACES, "", "default", label)
        security = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
        spec = pytorch_spec(workers=1, securityContext=security)
        for replica in spec["pytorchReplicaSpecs"].values():
            profile = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
            replica["template"]["spec"]["securityContext"] = profile
        harness.create(PYTORCH_JOBS, "job", spec)
        harness.running(1)

        assert 'container "init-pytorch" must set' in harness.event("FailedCreatePod")["message"]


def test_a_failed_pod_fails_a_job_that_must_not_restart(harness: ClusterHarness):
    harness.create(PYTORCH_JOBS, "job", pytorch_spec(SECONDS=0, CODE=3))
    failed = harness.condition(PYTORCH_JOBS, "job", "Failed")

    assert failed["message"] == "PyTorchJob job is failed because 1 Master replica(s) failed."
    assert harness.status(PYTORCH_JOBS, "job")["replicaStatuses"]["Master"]["failed"] == 1
    assert harness.pod("job-master-0")["status"]["phase"] == "Failed"


@pytest.mark.parametrize(("policy", "left"), [("None", 2), ("Running", 1), ("All", 0)])
def test_pods_of_a_finished_job_go_by_its_policy(harness: ClusterHarness, policy: str, left: int):
    spec = pytorch_spec(workers=1, run_policy={"cleanPodPolicy": policy})
    spec["pytorchReplicaSpecs"]["Master"]["template"] = template("pytorch", SECONDS=0)
    harness.create(PYTORCH_JOBS, "job", spec)
    harness.condition(PYTORCH_JOBS, "job", "Succeeded")

    harness.until(lambda: len(harness.pods()) == left)
    harness.cluster.settle()
    assert len(harness.pods()) == left


def test_a_suspended_job_has_no_pods_until_it_is_resumed(harness: ClusterHarness):
    harness.create(PYTORCH_JOBS, "job", pytorch_spec(run_policy={"suspend": True}))
    suspended = harness.condition(PYTORCH_JOBS, "job", "Suspended")
    harness.cluster.settle()

    assert suspended["reason"] == "PyTorchJobSuspended"
    assert harness.pods() == []

    def resume(job):
        job["spec"]["runPolicy"]["suspend"] = False
        return job

    harness.store.modify(PYTORCH_JOBS, "default", "job", resume)
    harness.condition(PYTORCH_JOBS, "job", "Running")
    resumed = harness.condition(PYTORCH_JOBS, "job", "Suspended", "False")
    assert resumed["reason"] == "PyTorchJobResumed"


def test_a_job_that_is_suspended_loses_its_pods(harness: ClusterHarness):
    harness.create(PYTORCH_JOBS, "job", pytorch_spec())
    harness.condition(PYTORCH_JOBS, "job", "Running")

    def suspend(job):
        job["spec"]["runPolicy"]["suspend"] = True
        return job

    harness.store.modify(PYTORCH_JOBS, "default", "job", suspend)
    harness.until(lambda: not harness.pods())
    running = harness.condition(PYTORCH_JOBS, "job", "Running", "False")
    assert running["reason"] == "PyTorchJobSuspended"


def test_a_job_fails_at_its_deadline(harness: ClusterHarness):
    harness.create(PYTORCH_JOBS, "job", pytorch_spec(run_policy={"activeDeadlineSeconds": 1}))
    failed = harness.condition(PYTORCH_JOBS, "job", "Failed")

    assert failed["message"].endswith("because it was active longer than specified deadline")
    harness.until(lambda: not harness.pods())


def test_a_finished_job_is_deleted_after_its_time_to_live(harness: ClusterHarness):
    policy = {"ttlSecondsAfterFinished": 0}
    harness.create(PYTORCH_JOBS, "job", pytorch_spec(run_policy=policy, SECONDS=0))

    harness.until(lambda: not harness.store.list(PYTORCH_JOBS) and not harness.pods())


def test_a_failed_pod_is_replaced_if_it_may_restart(harness: ClusterHarness):
    """With `ExitCode`, an exit code from 128 on is worth another attempt."""
    spec = pytorch_spec(SECONDS=0, CODE=137)
    spec["pytorchReplicaSpecs"]["Master"]["restartPolicy"] = "ExitCode"
    harness.create(PYTORCH_JOBS, "job", spec)
    first = harness.until(harness.pods)[0]["metadata"]["uid"]

    harness.condition(PYTORCH_JOBS, "job", "Restarting")
    harness.until(lambda: [p for p in harness.pods() if p["metadata"]["uid"] != first])


def test_containers_that_restart_too_often_fail_a_job(harness: ClusterHarness):
    spec = pytorch_spec(run_policy={"backoffLimit": 2}, SECONDS=0, CODE=1)
    master = spec["pytorchReplicaSpecs"]["Master"]
    del master["restartPolicy"]  # the operator's default is `OnFailure`
    harness.create(PYTORCH_JOBS, "job", spec)
    failed = harness.condition(PYTORCH_JOBS, "job", "Failed")

    assert failed["message"] == (
        "Job job has failed because it has reached the specified backoff limit"
    )
    harness.until(lambda: not harness.pods())


def test_a_failure_without_a_backoff_fails_a_job(harness: ClusterHarness):
    spec = pytorch_spec(run_policy={"backoffLimit": 0}, SECONDS=0, CODE=1)
    harness.create(PYTORCH_JOBS, "job", spec)

    harness.condition(PYTORCH_JOBS, "job", "Failed")


def test_a_waiting_pod_that_somebody_deletes_is_created_again(harness: ClusterHarness):
    """The operator does so even if its pods must not restart."""
    harness.faults.pause_scheduling()
    harness.create(PYTORCH_JOBS, "job", pytorch_spec())
    first = harness.until(harness.pods)[0]
    harness.faults.delete_pod("job-master-0")

    def another() -> bool:
        return [p["metadata"]["uid"] for p in harness.pods()] not in (
            [],
            [first["metadata"]["uid"]],
        )

    harness.until(another)
    harness.faults.resume_scheduling()
    harness.condition(PYTORCH_JOBS, "job", "Running")


def test_a_running_pod_that_somebody_deletes_fails_its_job(harness: ClusterHarness):
    harness.create(PYTORCH_JOBS, "job", pytorch_spec())
    harness.condition(PYTORCH_JOBS, "job", "Running")
    harness.faults.delete_pod("job-master-0")

    harness.condition(PYTORCH_JOBS, "job", "Failed")


def test_the_pods_of_a_deleted_job_go(harness: ClusterHarness):
    harness.create(PYTORCH_JOBS, "job", pytorch_spec(workers=1))
    harness.running(2)
    harness.store.delete(PYTORCH_JOBS, "default", "job", "Foreground")

    assert (
        "foregroundDeletion"
        in harness.store.get(PYTORCH_JOBS, "default", "job")["metadata"]["finalizers"]
    )
    harness.until(lambda: not harness.store.list(PYTORCH_JOBS))
    assert harness.store.list(PODS) == []

"""TFJobs as training-operator v1.9 runs them."""

import json

import pytest

from sweepwright.testing.kubernetes.store.resources import TF_JOBS
from tests.sweepwright.testing.kubernetes.cluster.cluster_harness import (
    ClusterHarness,
    Object,
    scripted,
    template,
)


@pytest.fixture
def harness():
    with scripted() as harness:
        yield harness


def role(replicas: int = 1, **container: object) -> Object:
    return {"replicas": replicas, "template": template("tensorflow", **container)}


def test_tf_config_names_the_cluster_and_the_task(harness: ClusterHarness):
    roles = {"Chief": role(), "Worker": role(2), "PS": role(), "Evaluator": role()}
    harness.create(TF_JOBS, "job", {"tfReplicaSpecs": roles})
    harness.running(5)
    env = harness.pod("job-worker-1")["spec"]["containers"][0]["env"]

    assert json.loads(next(each["value"] for each in env if each["name"] == "TF_CONFIG")) == {
        "cluster": {
            "chief": ["job-chief-0.default.svc:2222"],
            "ps": ["job-ps-0.default.svc:2222"],
            "worker": ["job-worker-0.default.svc:2222", "job-worker-1.default.svc:2222"],
        },
        "task": {"type": "worker", "index": 1},
        "environment": "cloud",
    }


def test_a_port_may_have_another_number(harness: ClusterHarness):
    ports = [{"name": "tfjob-port", "containerPort": 9999}]
    roles = {"Chief": role(ports=ports), "Worker": role()}
    harness.create(TF_JOBS, "job", {"tfReplicaSpecs": roles})
    harness.running(2)
    env = harness.pod("job-worker-0")["spec"]["containers"][0]["env"]

    assert '"chief":["job-chief-0.default.svc:9999"]' in env[0]["value"]


def test_a_job_of_one_process_has_no_tf_config(harness: ClusterHarness):
    harness.create(TF_JOBS, "job", {"tfReplicaSpecs": {"Worker": role()}})
    harness.running()

    assert harness.pod("job-worker-0")["spec"]["containers"][0]["env"] == []


@pytest.mark.parametrize(("decisive", "label"), [("Chief", "chief"), ("Master", "master")])
def test_the_chief_decides_on_success(harness: ClusterHarness, decisive: str, label: str):
    roles = {decisive: role(SECONDS=0), "Worker": role(1)}
    harness.create(TF_JOBS, "job", {"tfReplicaSpecs": roles})
    succeeded = harness.condition(TF_JOBS, "job", "Succeeded")

    assert succeeded["message"] == "TFJob default/job successfully completed."
    labels = harness.pod(f"job-{label}-0")["metadata"]["labels"]
    assert labels["training.kubeflow.org/job-role"] == "master"
    harness.until(lambda: harness.pod("job-worker-0")["status"]["phase"] == "Running")


def test_worker_0_decides_where_there_is_no_chief(harness: ClusterHarness):
    roles = {"Worker": role(2), "PS": role()}
    by_rank = [{"name": "INDEX", "valueFrom": {"fieldRef": {"fieldPath": REPLICA_INDEX}}}]
    roles["Worker"]["template"]["spec"]["containers"][0]["env"] = [
        *by_rank,
        {"name": "SECONDS", "value": "$(INDEX)000"},  # worker 0 ends at once
    ]
    harness.create(TF_JOBS, "job", {"tfReplicaSpecs": roles})
    harness.condition(TF_JOBS, "job", "Succeeded")

    harness.until(lambda: harness.pod("job-worker-1")["status"]["phase"] == "Running")
    assert harness.pod("job-worker-0")["metadata"]["labels"][JOB_ROLE] == "master"


def test_all_workers_must_succeed_if_the_policy_says_so(harness: ClusterHarness):
    workers = role(2)
    spec = {"successPolicy": "AllWorkers", "tfReplicaSpecs": {"Worker": workers}}
    workers["template"]["spec"]["containers"][0]["env"] = [
        {"name": "INDEX", "valueFrom": {"fieldRef": {"fieldPath": REPLICA_INDEX}}},
        {"name": "SECONDS", "value": "0.$(INDEX)"},
    ]
    harness.create(TF_JOBS, "job", spec)
    harness.condition(TF_JOBS, "job", "Succeeded")

    assert harness.status(TF_JOBS, "job")["replicaStatuses"]["Worker"]["succeeded"] == 2


def test_any_role_that_fails_fails_the_job(harness: ClusterHarness):
    roles = {"Chief": role(), "PS": role(SECONDS=0, CODE=1)}
    harness.create(TF_JOBS, "job", {"tfReplicaSpecs": roles})
    failed = harness.condition(TF_JOBS, "job", "Failed")

    assert failed["message"] == "TFJob default/job has failed because 1 PS replica(s) failed."


REPLICA_INDEX = "metadata.labels['training.kubeflow.org/replica-index']"
JOB_ROLE = "training.kubeflow.org/job-role"

"""What goes wrong in clusters: evictions, lost nodes, memory, images."""

import pytest

from sweepwright.testing.kubernetes import StatusError
from sweepwright.testing.kubernetes.cluster import Node
from sweepwright.testing.kubernetes.store.resources import JOBS, NODES, PYTORCH_JOBS
from tests.sweepwright.testing.kubernetes.cluster.cluster_harness import (
    ClusterHarness,
    Object,
    job_spec,
    pytorch_spec,
    run_pod,
    scripted,
)


@pytest.fixture
def harness():
    with scripted(nodes=[Node("node-1"), Node("node-2", cpu=1)]) as harness:
        yield harness


def disruption(pod: Object) -> str | None:
    """Return why a pod is a target of a disruption."""
    held = pod["status"].get("conditions") or []
    return next((c["reason"] for c in held if c["type"] == "DisruptionTarget"), None)


def state(harness: ClusterHarness, name: str = "pod") -> Object:
    return harness.pod(name)["status"]["containerStatuses"][0]["state"]


def test_an_evicted_pod_stays_as_a_failed_one(harness: ClusterHarness):
    harness.create(PYTORCH_JOBS, "job", pytorch_spec())
    harness.running()
    harness.faults.evict("job-master-0", "The node was low on resource: memory.")
    harness.condition(PYTORCH_JOBS, "job", "Failed")
    harness.until(lambda: "terminated" in state(harness, "job-master-0"))
    pod = harness.pod("job-master-0")

    assert (pod["status"]["phase"], pod["status"]["reason"]) == ("Failed", "Evicted")
    assert pod["status"]["message"] == "The node was low on resource: memory."
    assert disruption(pod) == "TerminationByKubelet"
    assert state(harness, "job-master-0")["terminated"]["exitCode"] == 137


def test_a_preempted_pod_is_deleted(harness: ClusterHarness):
    run_pod(harness)
    harness.running()
    seen = []
    harness.store.subscribe(lambda _, kind, found: seen.append((kind.plural, found)))
    harness.faults.preempt("pod")
    harness.until(lambda: not harness.pods())

    assert "PreemptionByScheduler" in [disruption(pod) for kind, pod in seen if kind == "pods"]
    assert harness.event("Preempted")


def test_a_container_that_needs_too_much_memory_is_killed(harness: ClusterHarness):
    run_pod(harness)
    harness.running()
    harness.faults.oom("pod")
    harness.until(lambda: harness.pod("pod")["status"]["phase"] == "Failed")

    ended = state(harness)["terminated"]
    assert (ended["reason"], ended["exitCode"]) == ("OOMKilled", 137)


def test_the_pods_of_a_lost_node_are_deleted_for_it(harness: ClusterHarness):
    harness.create(PYTORCH_JOBS, "job", pytorch_spec())
    harness.condition(PYTORCH_JOBS, "job", "Running")
    harness.faults.lose_node("node-1", deletion_seconds=0.1)
    harness.until(lambda: disruption(harness.pod("job-master-0")) == "DeletionByTaintManager")
    harness.condition(PYTORCH_JOBS, "job", "Failed")
    harness.until(lambda: not harness.pods())

    assert harness.condition(NODES, "node-1", "Ready", "Unknown")["reason"] == "NodeStatusUnknown"


def test_a_lost_node_takes_no_pods_until_it_recovers(harness: ClusterHarness):
    harness.faults.lose_node("node-1")
    run_pod(harness, resources={"requests": {"cpu": "4"}})
    assert "unreachable" in harness.event("FailedScheduling")["message"]

    harness.faults.recover_node("node-1")
    harness.running()


def test_the_phase_of_pods_of_a_lost_node_may_be_unknown(harness: ClusterHarness):
    run_pod(harness)
    harness.running()
    harness.faults.lose_node("node-1", deletion_seconds=1000, phase="Unknown")

    status = harness.pod("pod")["status"]
    assert (status["phase"], status["reason"]) == ("Unknown", "NodeLost")


def test_an_image_that_cannot_be_pulled_keeps_a_container_waiting(harness: ClusterHarness):
    harness.faults.break_image("missing")
    harness.create(JOBS, "job", job_spec(image="missing"))
    harness.until(harness.pods)
    name = harness.pods()[0]["metadata"]["name"]

    def reason() -> str:
        statuses = harness.pod(name)["status"].get("containerStatuses") or [{"state": {}}]
        return (statuses[0]["state"].get("waiting") or {}).get("reason", "")

    harness.until(lambda: reason() == "ImagePullBackOff")
    assert 'Back-off pulling image "missing"' in harness.event("BackOff")["message"]
    assert "missing: not found" in harness.event("Failed")["message"]
    harness.faults.repair_image("missing")
    harness.running()


@pytest.mark.parametrize(
    ("image", "good"),
    [
        ("python:3.11-slim", True),
        ("localhost:5000/a/b_c@sha256:" + "0" * 64, True),
        ("Python", False),
        ("a b", False),
    ],
)
def test_the_name_of_an_image_must_be_a_reference(harness: ClusterHarness, image: str, good):
    run_pod(harness, image=image)
    if good:
        harness.running()
    else:
        harness.until(lambda: "containerStatuses" in harness.pod("pod")["status"])
        harness.until(lambda: state(harness)["waiting"]["reason"] == "InvalidImageName")


def test_known_images_alone_can_be_pulled():
    with scripted(images={"known"}) as harness:
        run_pod(harness, "good", image="known")
        run_pod(harness, "bad", image="unknown")
        harness.running()

        assert harness.event("Failed")["involvedObject"]["name"] == "bad"


def test_a_fault_of_a_pod_that_does_not_exist_is_refused(harness: ClusterHarness):
    with pytest.raises(StatusError, match='pods "nobody" not found'):
        harness.faults.evict("nobody")


def test_a_pod_without_a_scheduler_waits_without_a_word(harness: ClusterHarness):
    harness.faults.pause_scheduling()
    run_pod(harness)
    harness.cluster.settle()

    assert harness.pod("pod")["status"] == {"phase": "Pending"}
    assert harness.events("pod") == []
    harness.faults.resume_scheduling()
    harness.running()

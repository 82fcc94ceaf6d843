"""The scheduler, and what it says of pods that fit nowhere."""

import pytest

from sweepwright.testing.kubernetes.cluster import Node
from sweepwright.testing.kubernetes.store.resources import CLAIMS, PODS
from tests.sweepwright.testing.kubernetes.cluster.cluster_harness import (
    ClusterHarness,
    Object,
    run_pod,
    scripted,
)

NODES = (
    Node("small", cpu=2, memory="4Gi"),
    Node("large", cpu=8, memory="32Gi", gpu=2, labels={"disk": "fast"}),
)


@pytest.fixture
def harness():
    with scripted(nodes=NODES) as harness:
        yield harness


def requests(**amounts: str) -> Object:
    return {"resources": {"requests": amounts}}


def refusal(harness: ClusterHarness, name: str = "pod") -> str:
    """Wait until a pod is refused, and return the message."""

    def found() -> str | None:
        conditions = harness.pod(name)["status"].get("conditions") or []
        refused = (c for c in conditions if c["type"] == "PodScheduled" and c["status"] == "False")
        return next((c["message"] for c in refused), None)

    message: str = harness.until(found)
    return message


def test_a_pod_goes_where_it_fits(harness: ClusterHarness):
    run_pod(harness, **requests(cpu="4"))
    (pod,) = harness.running()

    assert pod["spec"]["nodeName"] == "large"
    assert harness.event("Scheduled")["message"] == "Successfully assigned default/pod to large"


def test_a_pod_that_fits_nowhere_is_told_why(harness: ClusterHarness):
    run_pod(harness, **requests(cpu="16"))

    message = refusal(harness)
    assert message == (
        "0/2 nodes are available: 2 Insufficient cpu. preemption: 0/2 nodes are available: "
        "2 No preemption victims found for incoming pod."
    )
    assert harness.event("FailedScheduling")["message"] == message
    assert harness.pod("pod")["status"]["phase"] == "Pending"


def test_each_reason_is_counted(harness: ClusterHarness):
    gpus = {"resources": {"limits": {"nvidia.com/gpu": "3"}}}
    run_pod(harness, nodeSelector={"disk": "fast"}, **gpus)

    assert refusal(harness).startswith(
        "0/2 nodes are available: 1 Insufficient nvidia.com/gpu, 1 node(s) didn't match Pod's "
        "node affinity/selector."
    )


def test_a_pod_takes_the_place_of_one_that_has_ended(harness: ClusterHarness):
    run_pod(harness, "first", **requests(cpu="6"), SECONDS=0.1)
    run_pod(harness, "second", **requests(cpu="6"))
    harness.until(lambda: harness.pod("second")["status"]["phase"] == "Running")

    assert harness.pod("first")["status"]["phase"] == "Succeeded"


def test_pods_of_a_higher_priority_come_first(harness: ClusterHarness):
    harness.faults.pause_scheduling()
    run_pod(harness, "low", **requests(cpu="6"), priority=0)
    run_pod(harness, "high", **requests(cpu="6"), priority=10)
    harness.cluster.settle()
    harness.faults.resume_scheduling()
    refusal(harness, "low")

    assert harness.pod("high")["spec"]["nodeName"] == "large"


def test_a_cordoned_node_takes_no_pods(harness: ClusterHarness):
    harness.faults.cordon("large")
    run_pod(harness, **requests(cpu="4"))
    assert "1 node(s) were unschedulable" in refusal(harness)

    harness.faults.cordon("large", unschedulable=False)
    harness.running()


def test_a_taint_repels_pods_that_do_not_tolerate_it():
    taint = {"key": "gpu", "value": "only", "effect": "NoSchedule"}
    with scripted(nodes=[Node(taints=(taint,))]) as harness:
        run_pod(harness, "stranger")
        run_pod(harness, "guest", tolerations=[{"key": "gpu", "operator": "Exists"}])
        harness.running()

        assert "untolerated taint {gpu: only}" in refusal(harness, "stranger")


@pytest.mark.parametrize(
    ("expression", "fits"),
    [
        ({"key": "disk", "operator": "In", "values": ["fast"]}, True),
        ({"key": "disk", "operator": "In", "values": ["slow"]}, False),
        ({"key": "disk", "operator": "Exists"}, True),
        ({"key": "other", "operator": "Exists"}, False),
    ],
)
def test_required_affinity_selects_nodes(harness: ClusterHarness, expression, fits):
    required = {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}
    run_pod(harness, affinity=affinity)

    if fits:
        assert harness.running()[0]["spec"]["nodeName"] == "large"
    else:
        assert "didn't match" in refusal(harness)


def test_a_gate_holds_a_pod_back(harness: ClusterHarness):
    run_pod(harness, schedulingGates=[{"name": "example.org/hold"}])
    assert refusal(harness) == "Scheduling is blocked due to gates"

    def open_gate(pod):
        del pod["spec"]["schedulingGates"]
        return pod

    harness.store.modify(PODS, "default", "pod", open_gate)
    harness.running()


@pytest.mark.parametrize(
    ("toleration", "fits"),
    [
        ({"key": "gpu", "value": "only", "effect": "NoSchedule"}, True),
        ({"key": "gpu", "value": "other"}, False),
        ({"key": "gpu", "operator": "Exists", "effect": "NoExecute"}, False),
        ({"key": "other", "operator": "Exists"}, False),
        ({"operator": "Exists"}, True),
    ],
)
def test_a_toleration_matches_a_taint(toleration, fits):
    taint = {"key": "gpu", "value": "only", "effect": "NoSchedule"}
    with scripted(nodes=[Node(taints=(taint,))]) as harness:
        run_pod(harness, tolerations=[toleration])

        assert harness.running() if fits else refusal(harness)


def test_a_node_takes_so_many_pods_only():
    with scripted(nodes=[Node(pods=1)]) as harness:
        run_pod(harness, "first")
        harness.running()
        run_pod(harness, "second")

        assert "1 Too many pods" in refusal(harness, "second")


def test_a_cluster_without_nodes_says_so():
    with scripted(nodes=[]) as harness:
        run_pod(harness)

        assert "no nodes available to schedule pods" in refusal(harness)


def test_a_pod_waits_for_its_claim(harness: ClusterHarness):
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "disk"}}
    run_pod(harness, volumes=[volume])
    assert 'persistentvolumeclaim "disk" not found' in refusal(harness)

    harness.create(CLAIMS, "disk", {"accessModes": ["ReadWriteMany"]})
    harness.running()

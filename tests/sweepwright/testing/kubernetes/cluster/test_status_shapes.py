"""Shapes of all that the controllers write, against the client's models and the CRDs' schemas."""

from pathlib import Path
from typing import Any

import pytest

from sweepwright.testing.kubernetes import ApiServer, JsonObject, Resource
from sweepwright.testing.kubernetes.cluster import Cluster, Scripted
from sweepwright.testing.kubernetes.store.resources import (
    JOBS,
    PODS,
    PYTORCH_JOBS,
    TF_JOBS,
    TRAIN_JOBS,
)
from tests.sweepwright.testing.kubernetes.cluster.cluster_harness import (
    QUICK,
    ClusterHarness,
    job_spec,
    play,
    pytorch_spec,
    run_pod,
    template,
)

pytest.importorskip("kubernetes")
SCHEMAS = Path(__file__).parents[6] / "shared" / "kubernetes"


@pytest.fixture
def versions():
    """Return all versions of all objects that the server has stored."""
    return []


@pytest.fixture
def harness(versions: list[tuple[Resource, JsonObject]]):
    if not SCHEMAS.is_dir():
        pytest.skip(f"the published schemas are not at {SCHEMAS}")
    definitions = sorted(SCHEMAS.glob("*.*_*.json"))
    with ApiServer(crds=definitions, collection_delay=0.01) as server:
        server.store.subscribe(lambda _, kind, found: versions.append((kind, found)))
        with Cluster(server, Scripted(play), settings=QUICK) as cluster:
            yield ClusterHarness(server, cluster)


def check(harness: ClusterHarness, versions: list[tuple[Resource, JsonObject]]) -> set[str]:
    """Refuse what a server would refuse to store; return the kinds that were checked."""
    rules: Any = harness.server._rules
    for resource, found in versions:
        identified = {"apiVersion": resource.api_version, "kind": resource.kind, **found}
        decoded = rules.decode(resource, identified, "Strict")
        rules.check(resource, decoded.value, None, resource.kind)
    return {resource.kind for resource, _ in versions}


def train_spec(**env: object) -> JsonObject:
    variables = [{"name": key, "value": str(value)} for key, value in env.items()]
    return {"runtimeRef": {"name": "torch-distributed"}, "trainer": {"env": variables}}


@pytest.mark.parametrize("code", [0, 1])
def test_jobs_of_all_kinds_have_the_fields_of_their_schemas(
    harness: ClusterHarness, versions: list[tuple[Resource, JsonObject]], code: int
):
    end: dict[str, Any] = {"SECONDS": 0, "CODE": code}
    chief = {"replicas": 1, "restartPolicy": "Never", "template": template("tensorflow", **end)}
    harness.create(JOBS, "job", job_spec(**end))
    harness.create(PYTORCH_JOBS, "pytorch", pytorch_spec(workers=1, **end))
    harness.create(TF_JOBS, "tf", {"tfReplicaSpecs": {"Chief": chief}})
    harness.create(TRAIN_JOBS, "train", train_spec(**end))
    harness.condition(JOBS, "job", "Failed" if code else "Complete")
    harness.condition(PYTORCH_JOBS, "pytorch", "Failed" if code else "Succeeded")
    harness.condition(TF_JOBS, "tf", "Failed" if code else "Succeeded")
    harness.condition(TRAIN_JOBS, "train", "Failed" if code else "Complete")

    kinds = {"Job", "PyTorchJob", "TFJob", "TrainJob", "Pod", "Event", "Node"}
    assert kinds <= check(harness, versions)


def test_pods_in_trouble_have_the_fields_of_their_models(
    harness: ClusterHarness, versions: list[tuple[Resource, JsonObject]]
):
    harness.faults.break_image("missing")
    first = template("first", SECONDS=0)["spec"]["containers"]
    run_pod(harness, "waiting", image="missing")
    run_pod(harness, "unschedulable", nodeSelector={"no": "where"})
    for name in ("evicted", "killed", "preempted", "lost"):
        run_pod(harness, name, initContainers=first)
    harness.running(4)
    harness.faults.evict("evicted")
    harness.faults.oom("killed")
    harness.faults.preempt("preempted")
    harness.event("FailedScheduling")
    harness.event("BackOff")
    harness.faults.lose_node("node-1", deletion_seconds=0.05, phase="Unknown")
    harness.until(lambda: {p["metadata"]["name"] for p in harness.pods()} == {"unschedulable"})

    assert {"Pod", "Event", "Node"} <= check(harness, versions)
    phases = {found["status"].get("phase") for kind, found in versions if kind == PODS}
    assert phases == {"Pending", "Running", "Failed", "Unknown"}

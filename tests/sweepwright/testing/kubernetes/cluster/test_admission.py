"""What the webhooks of the operators refuse, through the official client."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sweepwright.testing.kubernetes.cluster.cluster_harness import (
    ClusterHarness,
    Object,
    pytorch_spec,
    scripted,
    template,
)

kubernetes = pytest.importorskip("kubernetes")


@pytest.fixture
def harness():
    with scripted() as harness:
        yield harness


@pytest.fixture
def api(harness: ClusterHarness) -> Iterator[Any]:
    configuration = kubernetes.client.Configuration(host=harness.server.url)
    configuration.api_key = {"authorization": f"Bearer {harness.server.token}"}
    with kubernetes.client.ApiClient(configuration) as client:
        yield kubernetes.client.CustomObjectsApi(client)


def create(api: Any, kind: str, spec: Object, name: str = "job", **options: Any) -> None:
    group, version = KINDS[kind]
    body = {"apiVersion": f"{group}/{version}", "kind": kind, "metadata": {"name": name}}
    plural = f"{kind.lower()}s"
    api.create_namespaced_custom_object(
        group, version, "default", plural, {**body, "spec": spec}, **options
    )


KINDS = {
    "PyTorchJob": ("kubeflow.org", "v1"),
    "TFJob": ("kubeflow.org", "v1"),
    "TrainJob": ("trainer.kubeflow.org", "v1alpha1"),
}


def denied(api: Any, kind: str, spec: Object, name: str = "job", **options: Any) -> str:
    with pytest.raises(kubernetes.client.ApiException) as error:
        create(api, kind, spec, name, **options)
    assert (error.value.status, error.value.reason) == (403, "Forbidden")
    return str(error.value.body)


def replicas(spec: Object) -> Object:
    roles: Object = spec["pytorchReplicaSpecs"]
    return roles


def test_a_good_job_is_accepted(api: Any, harness: ClusterHarness):
    create(api, "PyTorchJob", pytorch_spec(workers=1))

    harness.running(2)


def test_an_unknown_role_is_denied(api: Any):
    spec = pytorch_spec()
    replicas(spec)["Bogus"] = replicas(spec)["Master"]

    assert "spec.pytorchReplicaSpecs[Bogus]: Unsupported value" in denied(api, "PyTorchJob", spec)


def test_two_masters_are_denied(api: Any):
    spec = pytorch_spec()
    replicas(spec)["Master"]["replicas"] = 2

    assert "spec.pytorchReplicaSpecs[Master].replicas: Forbidden: must be 1" in denied(
        api, "PyTorchJob", spec, dry_run="All"
    )


@pytest.mark.parametrize(
    ("kind", "key", "role", "name"),
    [
        ("PyTorchJob", "pytorchReplicaSpecs", "Master", "pytorch"),
        ("TFJob", "tfReplicaSpecs", "Worker", "tensorflow"),
    ],
)
def test_the_container_must_have_its_name_and_an_image(
    api: Any, kind: str, key: str, role: str, name: str
):
    pod = template("other")
    del pod["spec"]["containers"][0]["image"]
    message = denied(api, kind, {key: {role: {"replicas": 1, "template": pod}}})

    assert "denied the request: [" in message
    assert f"must have at least one container with name {name}" in message
    assert "containers[0].image: Required value: must be required" in message


def test_two_chiefs_are_denied(api: Any):
    pod = {"replicas": 1, "template": template("tensorflow")}

    assert "must not have more than 1 Chief or Master role" in denied(
        api, "TFJob", {"tfReplicaSpecs": {"Chief": pod, "Master": pod}}
    )


def test_a_name_must_be_a_label(api: Any):
    assert "a DNS-1035 label must consist of" in denied(api, "PyTorchJob", pytorch_spec(), "1job")


def test_a_manager_must_be_known(api: Any):
    spec = pytorch_spec(run_policy={"managedBy": "me"})

    assert "spec.runPolicy.managedBy: Unsupported value" in denied(api, "PyTorchJob", spec)


def test_a_train_job_needs_a_runtime_that_exists(api: Any, harness: ClusterHarness):
    message = denied(api, "TrainJob", {"runtimeRef": {"name": "no-such"}})
    assert "must be created before the TrainJob is created" in message

    create(api, "TrainJob", {"runtimeRef": {"name": "torch-distributed"}})
    harness.until(harness.pods)

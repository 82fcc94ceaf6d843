"""Small objects, and the paths at which they are."""

from queue import SimpleQueue
from typing import Any

from sweepwright.testing.kubernetes import ObjectStore, Resource

CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
PODS = "/api/v1/namespaces/default/pods"
JOBS = "/apis/batch/v1/namespaces/default/jobs"
PYTORCH_JOBS = "/apis/kubeflow.org/v1/namespaces/default/pytorchjobs"


def config_map(name: str, **metadata: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, **metadata}, "data": {"key": "value"}}


def container(**more: Any) -> dict[str, Any]:
    return {"name": "main", "image": "python:3.12", **more}


def pod(name: str = "pod", *containers: dict[str, Any], **spec: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": name},
        "spec": {"containers": list(containers) or [container()], **spec},
    }


def job(name: str = "job", **spec: Any) -> dict[str, Any]:
    template = {"spec": {"restartPolicy": "Never", "containers": [container()]}}
    return {"metadata": {"name": name}, "spec": {"template": template, **spec}}


def pytorch_job(name: str, **metadata: Any) -> dict[str, Any]:
    replicas = {"replicas": 1, "template": {"spec": {"containers": [container(name="pytorch")]}}}
    return {
        "apiVersion": "kubeflow.org/v1",
        "kind": "PyTorchJob",
        "metadata": {"name": name, **metadata},
        "spec": {"pytorchReplicaSpecs": {"Master": replicas}},
    }


def owned_by(owner: dict[str, Any], *, blocks: bool = True) -> list[dict[str, Any]]:
    reference = {key: owner[key] for key in ("apiVersion", "kind")}
    named = {key: owner["metadata"][key] for key in ("name", "uid")}
    return [{**reference, **named, "blockOwnerDeletion": blocks}]


class Ends:
    """Ends of objects, to wait for; it hears of those after it was made."""

    def __init__(self, store: ObjectStore) -> None:
        self._ended: SimpleQueue[str] = SimpleQueue()
        store.subscribe(self._hear)

    def _hear(self, kind: str, resource: Resource, found: dict[str, Any]) -> None:
        if kind == "DELETED":
            self._ended.put(f"{resource.kind} {found['metadata']['name']}")

    def wait(self, number: int) -> list[str]:
        """Return the next objects that end, in order."""
        return [self._ended.get(timeout=10) for _ in range(number)]

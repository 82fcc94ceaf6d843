"""Admission webhooks of the operators: what they refuse when a job is created.

Each refusal is worded as training-operator v1.9 and trainer v2 word it.
"""

import json
import re
from collections.abc import Collection, Iterator

from ...store.resources import PYTORCH_JOBS, TF_JOBS, TRAIN_JOBS, JsonObject, Resource
from ...store.status_errors import StatusError

_DNS_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_NAME_RULE = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
    "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', "
    "regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
)
_MANAGERS = ("kubeflow.org/training-operator", "kueue.x-k8s.io/multikueue")


class JobWebhooks:
    """Refuses the jobs that the operators' webhooks refuse."""

    def __init__(self, runtimes: Collection[str]) -> None:
        self._runtimes = runtimes

    def review(
        self, operation: str, resource: Resource, _namespace: str, found: JsonObject
    ) -> None:
        """Raise `StatusError` if a webhook denies the request."""
        if operation not in {"CREATE", "UPDATE"}:
            return
        if resource == PYTORCH_JOBS:
            webhook = "validator.pytorchjob.training-operator.kubeflow.org"
            _deny(webhook, [*_common_errors(found), *_pytorch_errors(found)])
        elif resource == TF_JOBS:
            webhook = "validator.tfjob.training-operator.kubeflow.org"
            _deny(webhook, [*_common_errors(found), *_tensorflow_errors(found)])
        elif resource == TRAIN_JOBS and operation == "CREATE":
            _deny("validator.trainjob.trainer.kubeflow.org", list(self._runtime_errors(found)))

    def _runtime_errors(self, job: JsonObject) -> Iterator[str]:
        name = job["metadata"].get("name", "")
        if not _DNS_1035.fullmatch(name) or len(name) > 63:
            yield f'metadata.name: Invalid value: "{name}": {_NAME_RULE}'
        reference = job["spec"]["runtimeRef"]
        if reference["name"] not in self._runtimes:
            kind = reference.get("kind", "ClusterTrainingRuntime")
            shown = {
                "name": reference["name"],
                "apiGroup": "trainer.kubeflow.org",
                "kind": kind,
            }
            value = json.dumps(shown, separators=(",", ":"))
            found = f'{kind}.trainer.kubeflow.org "{reference["name"]}" not found'
            yield (
                f"spec.runtimeRef: Invalid value: {value}: {found}: specified {_kind_name(kind)} "
                "must be created before the TrainJob is created"
            )


def _kind_name(kind: str) -> str:
    return "clusterTrainingRuntime" if kind.startswith("Cluster") else "trainingRuntime"


def _deny(webhook: str, errors: list[str]) -> None:
    if errors:
        told = errors[0] if len(errors) == 1 else f"[{', '.join(errors)}]"
        message = f'admission webhook "{webhook}" denied the request: {told}'
        raise StatusError(403, "Forbidden", message)


def _common_errors(job: JsonObject) -> Iterator[str]:
    name = job["metadata"].get("name", "")
    if len(name) > 63:
        yield (
            f'metadata.name: Invalid value: "{name}": should match: must be no more than 63 '
            "characters"
        )
    if not _DNS_1035.fullmatch(name):
        yield f'metadata.name: Invalid value: "{name}": should match: {_NAME_RULE}'
    manager = (job["spec"].get("runPolicy") or {}).get("managedBy")
    if manager and manager not in _MANAGERS:
        supported = ", ".join(f'"{each}"' for each in sorted(_MANAGERS))
        yield (
            f'spec.runPolicy.managedBy: Unsupported value: "{manager}": supported values: '
            f"{supported}"
        )


def _pytorch_errors(job: JsonObject) -> Iterator[str]:
    path = "spec.pytorchReplicaSpecs"
    specs: JsonObject = job["spec"].get("pytorchReplicaSpecs") or {}
    for role, spec in sorted(specs.items()):
        where = f"{path}[{role}]"
        if role not in {"Master", "Worker"}:
            yield (f'{where}: Unsupported value: "{role}": supported values: "Master", "Worker"')
        yield from _container_errors(spec, where, "pytorch")
        if role == "Master" and spec.get("replicas") != 1:
            yield f"{where}.replicas: Forbidden: must be 1"


def _tensorflow_errors(job: JsonObject) -> Iterator[str]:
    path = "spec.tfReplicaSpecs"
    specs: JsonObject = job["spec"].get("tfReplicaSpecs") or {}
    for role, spec in sorted(specs.items()):
        yield from _container_errors(spec, f"{path}[{role}]", "tensorflow")
    if len({"Chief", "Master"} & set(specs)) > 1:
        yield f"{path}: Forbidden: must not have more than 1 Chief or Master role"


def _container_errors(spec: JsonObject, where: str, name: str) -> Iterator[str]:
    path = f"{where}.template.spec.containers"
    containers = spec.get("template", {}).get("spec", {}).get("containers") or []
    if not containers:
        yield f"{path}: Required value: must be specified"
    for index, container in enumerate(containers):
        if not container.get("image"):
            yield f"{path}[{index}].image: Required value: must be required"
    if not any(container.get("name") == name for container in containers):
        yield f"{path}: Required value: must have at least one container with name {name}"

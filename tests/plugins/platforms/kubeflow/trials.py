"""Trials of the tests, and their jobs as frameworks describe them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sweepwright.contracts import Attempt, Job, PythonModule, Role, TrialCode
from sweepwright.core.registry.options import build_options
from sweepwright.core.registry.options import check_options as check_types
from sweepwright.events import CheckpointRef, Trial
from sweepwright.plugins.frameworks import keras, python, pytorch, tensorflow
from sweepwright.plugins.platforms.kubeflow.manifests import Contents, job_manifest
from sweepwright.plugins.platforms.kubeflow.options import KubeflowOptions
from sweepwright.protocol import describe_attempt

SWEEP = "s20261130-175752-123456"
CONTENTS = Contents("a" * 64, "b" * 64, 10240)
TORCH = PythonModule("sweepwright.trials.mnist.torch_cnn")
DISTRIBUTED = PythonModule("sweepwright.trials.mnist.torch_distributed")
TF_SERVER = PythonModule("sweepwright.trials.mnist.tf_server")
FRAMEWORKS = {"pytorch": pytorch, "tensorflow": tensorflow, "python": python, "keras": keras}
KINDS = {"pytorch": "PyTorchJob", "tensorflow": "TFJob"}


def options(**given: Any) -> KubeflowOptions:
    assert check_types(KubeflowOptions, given) == []
    return build_options(KubeflowOptions, given)


def single(framework: str = "pytorch", **role: Any) -> TrialCode:
    """Return a trial of one process."""
    return trial(framework, Role("main", TORCH, **role))


def masters_and_workers(workers: int = 1) -> TrialCode:
    """Return a trial of a master and workers, which are alike."""
    return trial(
        "pytorch",
        Role("master", DISTRIBUTED, resources={"cpu": 1.0}),
        Role("worker", DISTRIBUTED, workers, resources={"cpu": 1.0}, reports=False),
    )


def chief_and_servers() -> TrialCode:
    """Return a trial of a chief, a parameter server and two workers with other resources."""
    return trial(
        "tensorflow",
        Role("chief", PythonModule("sweepwright.trials.mnist.tf_distributed")),
        Role("ps", TF_SERVER, resources={"cpu": 0.5, "memory": 2.0**31}, reports=False),
        Role("worker", TF_SERVER, 2, resources={"cpu": 0.25, "gpu": 1.0}, reports=False),
    )


def trial(framework: str, *roles: Role) -> TrialCode:
    return TrialCode("digits", roles, kind=KINDS.get(framework))


def job(code: TrialCode, number: int = 3, attempt: int = 1, **fields: Any) -> Job:
    """Lower a trial to a job, as the driver does for an attempt."""
    framework = {"PyTorchJob": "pytorch", "TFJob": "tensorflow"}.get(code.kind or "", "python")
    [provider] = FRAMEWORKS[framework].sweep_frameworks()
    source = CheckpointRef(number, attempt - 1) if attempt > 1 else None
    started = Attempt(SWEEP, Trial(number, {"lr": 0.1, "y": "y"}, 3.0), attempt, 7, source)
    lowered = provider.build(provider.options()).lower(code, started)
    environment = {**lowered.environment, "SWEEPWRIGHT_TRIAL": describe_attempt(started)}
    return replace(lowered, environment=environment, time_limit=60.0, **fields)


def manifest(code: TrialCode, number: int = 3, attempt: int = 1, **given: Any) -> Any:
    """Return the manifest of a job with the platform's options."""
    return job_manifest(options(**given), SWEEP, CONTENTS, job(code, number, attempt))


def templates(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the pod templates of a manifest by role."""
    spec = found["spec"]
    specs = spec.get("pytorchReplicaSpecs") or spec.get("tfReplicaSpecs")
    if specs:
        return {role: each["template"] for role, each in specs.items()}
    return {"main": spec["template"]}


def container(found: Mapping[str, Any], role: str | None = None) -> Any:
    """Return the container of a role's pods, or of the only role's."""
    known = templates(found)
    [one] = known[role or next(iter(known))]["spec"]["containers"]
    return one


def variables(container: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of a container, each with its value or with where it is from."""
    return {each["name"]: each.get("value", each.get("valueFrom")) for each in container["env"]}

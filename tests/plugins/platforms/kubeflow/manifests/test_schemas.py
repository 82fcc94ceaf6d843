"""Every manifest is valid by the published schemas, with unknown fields as errors."""

from typing import Any

import pytest

from sweepwright.contracts import TrialCode
from sweepwright.plugins.platforms.kubeflow.manifests import (
    SweepArchives,
    config_map,
    owned,
)
from sweepwright.plugins.platforms.kubeflow.rbac import rbac_documents
from tests.plugins.platforms.kubeflow.strict_schemas import violations
from tests.plugins.platforms.kubeflow.trials import (
    CONTENTS,
    SWEEP,
    chief_and_servers,
    manifest,
    masters_and_workers,
    options,
    single,
)

SHARED_MEMORY = "/dev/shm"  # noqa: S108 - a folder of the container
EVERYTHING: dict[str, Any] = {
    "namespace": "team",
    "image": "registry.example.com:5000/team/trials:v2",
    "python": "/opt/conda/bin/python",
    "resources": {"ephemeral-storage": "10Gi", "example.com/fpga": 2},
    "gpu_resource": "amd.com/gpu",
    "node_selector": {"pool": "gpu"},
    "tolerations": [
        {"key": "gpu", "operator": "Exists", "effect": "NoExecute", "seconds": 60},
        {"key": "team", "value": "a"},
    ],
    "affinity": {
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [
                    {"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a"]}]}
                ]
            }
        }
    },
    "volumes": [
        {"mount": "/data", "claim": "data", "sub_path": "digits", "read_only": True},
        {"mount": SHARED_MEMORY, "empty": "memory", "size": "2Gi"},
        {"mount": "/cache", "empty": "disk"},
        {"mount": "/keys", "secret": "keys"},
        {"mount": "/settings", "config_map": "settings"},
    ],
    "secret_env": {"HF_TOKEN": {"name": "hugging-face", "key": "token"}},
    "labels": {"team": "vision"},
    "annotations": {"example.com/owner": "somebody"},
    "image_pull_secrets": ["registry"],
    "service_account": "trials",
    "files": {"claim": "checkpoints", "sub_path": "sweeps"},
    "queue": "team-queue",
    "run_policy": {"active_deadline": 3600},
}
NOT_IN_TRAIN_JOBS: dict[str, Any] = {
    "image_pull_policy": "Always",
    "priority_class": "low",
    "env_from": [{"secret": "all"}, {"config_map": "more", "prefix": "MORE_"}],
    "run_policy": {"active_deadline": 3600, "ttl": 600},
}
TRIALS: dict[str, tuple[TrialCode, dict[str, Any]]] = {
    "PyTorchJob of one process": (single("pytorch"), {}),
    "PyTorchJob": (masters_and_workers(3), {}),
    "TFJob of one process": (single("tensorflow"), {}),
    "TFJob": (chief_and_servers(), {}),
    "TrainJob of one process": (single("pytorch"), {"kind": "TrainJob"}),
    "TrainJob": (masters_and_workers(3), {"kind": "TrainJob"}),
    "Job": (single("python"), {}),
}


@pytest.mark.parametrize("kind", TRIALS)
@pytest.mark.parametrize("more", [{}, EVERYTHING], ids=["defaults", "all options"])
def test_jobs_are_valid(kind: str, more: dict[str, Any]) -> None:
    code, given = TRIALS[kind]
    others = NOT_IN_TRAIN_JOBS if more and "TrainJob" not in kind else {}
    found = manifest(code, attempt=2, **given, **(more | others))

    assert found["kind"] == kind.partition(" ")[0]
    assert violations(found) == []


@pytest.mark.parametrize("kind", TRIALS)
def test_unknown_fields_and_wrong_types_are_seen(kind: str) -> None:
    code, given = TRIALS[kind]
    found = manifest(code, **given)
    found["spec"]["suspended"] = True
    found["metadata"]["lables"] = {}

    assert sorted({each.rpartition(": ")[2] for each in violations(found)}) == [
        "lables is not a field",
        "suspended is not a field",
    ]


def test_the_config_map_and_the_permissions_are_valid() -> None:
    archives = SweepArchives(CONTENTS, b"kit", b"code")

    assert violations(config_map(options(namespace="team"), SWEEP, archives)) == []
    for document in rbac_documents(options(namespace="team"), single()):
        assert violations(document) == []


def test_a_job_may_have_an_owner() -> None:
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "uid": "u"}}
    found: Any = owned(manifest(single()), owner)

    assert violations(found) == []
    [reference] = found["metadata"]["ownerReferences"]
    assert (reference["name"], reference["uid"]) == ("a", "u")

"""What the provider says without a cluster."""

from math import inf
from pathlib import Path
from typing import Any

from sweepwright.contracts import AttemptRef, Workspace
from sweepwright.plugins.platforms.kubeflow import sweep_platforms
from tests.plugins.platforms.kubeflow.trials import (
    SWEEP,
    chief_and_servers,
    masters_and_workers,
    options,
    single,
)

(PROVIDER,) = sweep_platforms()


def rules(code: Any, **given: Any) -> dict[str, set[str]]:
    """Return the verbs that a sweep may use, by resource."""
    role: Any = PROVIDER.documents["rbac"](options(**given), code)[0]
    found = {}
    for rule in role["rules"]:
        [group], [resource] = rule["apiGroups"], rule["resources"]
        found[f"{resource}.{group}".rstrip(".")] = set(rule["verbs"])
    return found


def test_the_cluster_knows_its_resources() -> None:
    assert PROVIDER.slots
    assert PROVIDER.slots(options()) == {"cpu": inf, "gpu": inf, "memory": inf}


def test_permissions_are_those_for_one_kind_of_jobs() -> None:
    assert rules(masters_and_workers()) == {
        "pytorchjobs.kubeflow.org": {"create", "get", "list", "watch", "delete"},
        "pods": {"get", "list", "watch"},
        "pods/log": {"get"},
        "configmaps": {"create", "get", "list", "delete"},
        "events": {"list"},
    }
    assert "tfjobs.kubeflow.org" in rules(chief_and_servers())
    assert "jobs.batch" in rules(single("python"))
    assert "trainjobs.trainer.kubeflow.org" in rules(single(), kind="TrainJob")


def test_the_claim_for_checkpoints_can_be_looked_at() -> None:
    role: Any = PROVIDER.documents["rbac"](options(files={"claim": "checkpoints"}), single())[0]

    assert role["rules"][-1] == {
        "apiGroups": [""],
        "resources": ["persistentvolumeclaims"],
        "verbs": ["get"],
        "resourceNames": ["checkpoints"],
    }


def test_permissions_contain_no_wildcard_and_no_secrets() -> None:
    for resource, verbs in rules(single()).items():
        assert "*" not in f"{resource} {verbs}"
        assert "secrets" not in resource


def test_permissions_are_bound_in_the_namespace() -> None:
    documents: Any = PROVIDER.documents["rbac"](options(namespace="team"), single())

    assert [each["kind"] for each in documents] == ["Role", "RoleBinding"]
    assert {each["metadata"]["namespace"] for each in documents} == {"team"}
    assert documents[1]["subjects"] == [
        {"kind": "ServiceAccount", "name": "sweepwright", "namespace": "team"}
    ]


def test_a_sweep_creates_a_config_map(tmp_path: Path) -> None:
    assert PROVIDER.sweep_objects
    workspace = Workspace(SWEEP, tmp_path / SWEEP)
    objects: Any = PROVIDER.sweep_objects(options(), single(), workspace)

    assert list(objects) == ["configmap"]
    assert objects["configmap"]["metadata"]["name"].startswith(f"sw-{SWEEP}-")


def test_a_resume_keeps_what_the_jobs_of_the_sweep_depend_on() -> None:
    kept = {"kind", "namespace", "code", "code_path", "files"}

    assert kept.isdisjoint(PROVIDER.changeable)
    assert {"image", "node_selector", "start_timeout", "kubeconfig"} <= set(PROVIDER.changeable)


def test_a_user_can_find_the_checkpoint_of_an_attempt(tmp_path: Path) -> None:
    assert PROVIDER.checkpoint_place
    workspace, attempt = Workspace(SWEEP, tmp_path), AttemptRef(3, 2, "job")
    inside = f"{SWEEP}/trials/3/2/checkpoint"
    volume = "of the volume that the claim `data` names"

    def place(**files: Any) -> str | None:
        assert PROVIDER.checkpoint_place
        return PROVIDER.checkpoint_place(options(files=files), workspace, attempt)

    assert place() is None
    assert place(claim="data") == f"the folder {inside} {volume}"
    assert place(claim="data", sub_path="/a/b/") == f"the folder a/b/{inside} {volume}"
    assert place(url="s3://bucket/x/") == f"s3://bucket/x/{inside}"

"""Deletes, and what becomes of dependents."""

from typing import Any

import pytest

from sweepwright.testing.kubernetes import ApiServer
from tests.kubernetes_caller import Caller
from tests.sweepwright.testing.kubernetes.objects import (
    CONFIG_MAPS,
    JOBS,
    PODS,
    PYTORCH_JOBS,
    Ends,
    config_map,
    job,
    owned_by,
    pod,
    pytorch_job,
)


@pytest.fixture
def family(call: Caller) -> dict[str, Any]:
    """Create a ConfigMap that owns a job that owns a pod, and return the ConfigMap."""
    owner: dict[str, Any] = call("POST", CONFIG_MAPS, config_map("owner")).json
    child = pytorch_job("child", ownerReferences=owned_by(owner))
    created = call("POST", PYTORCH_JOBS, child).json
    grandchild = pod("grandchild")
    grandchild["metadata"]["ownerReferences"] = owned_by(created)
    assert call("POST", PODS, grandchild).status == 201
    return owner


@pytest.mark.parametrize("policy", [None, "Background"])
def test_dependents_of_what_is_gone_go_later(
    server: ApiServer, call: Caller, family: dict[str, Any], policy: str | None
) -> None:
    ends = Ends(server.store)
    options = {} if policy is None else {"propagationPolicy": policy}
    deleted = call("DELETE", f"{CONFIG_MAPS}/owner", **options)
    assert deleted.json["details"]["uid"] == family["metadata"]["uid"]
    expected = ["ConfigMap owner", "PyTorchJob child", "Pod grandchild"]
    assert ends.wait(3) == expected


def test_in_the_foreground_dependents_go_first(
    server: ApiServer, call: Caller, family: dict[str, Any]
) -> None:
    ends = Ends(server.store)
    options = {"propagationPolicy": "Foreground"}
    held = call("DELETE", f"{CONFIG_MAPS}/owner", options).json
    assert held["metadata"]["finalizers"] == ["foregroundDeletion"]
    assert held["metadata"]["uid"] == family["metadata"]["uid"]
    assert ends.wait(3) == ["Pod grandchild", "PyTorchJob child", "ConfigMap owner"]


@pytest.mark.usefixtures("family")
def test_orphans_stay_without_an_owner(server: ApiServer, call: Caller) -> None:
    ends = Ends(server.store)
    call("DELETE", f"{CONFIG_MAPS}/owner", propagationPolicy="Orphan")
    assert ends.wait(1) == ["ConfigMap owner"]
    assert call("GET", f"{PYTORCH_JOBS}/child").json["metadata"]["ownerReferences"] == []


def test_a_dependent_of_an_unknown_owner_goes(server: ApiServer, call: Caller) -> None:
    ends = Ends(server.store)
    stranger = {**config_map("x", uid="nobody"), "apiVersion": "v1", "kind": "ConfigMap"}
    call("POST", CONFIG_MAPS, config_map("child", ownerReferences=owned_by(stranger)))
    assert ends.wait(1) == ["ConfigMap child"]


def test_a_job_leaves_its_pods_behind_unless_told_otherwise(
    server: ApiServer, call: Caller
) -> None:
    created = call("POST", JOBS, job()).json
    owned = pod()
    owned["metadata"]["ownerReferences"] = owned_by(created)
    call("POST", PODS, owned)
    ends = Ends(server.store)
    call("DELETE", f"{JOBS}/job")
    assert ends.wait(1) == ["Job job"]
    assert call("GET", f"{PODS}/pod").json["metadata"]["ownerReferences"] == []


def test_a_namespace_takes_its_contents_along(server: ApiServer, call: Caller) -> None:
    call("POST", CONFIG_MAPS, config_map("content"))
    ends = Ends(server.store)
    deleted = call("DELETE", "/api/v1/namespaces/default").json
    assert deleted["status"] == {"phase": "Terminating"}
    assert ends.wait(2) == ["ConfigMap content", "Namespace default"]
    missing = call("POST", CONFIG_MAPS, config_map("late"))
    assert (missing.status, missing.json["details"]["kind"]) == (404, "namespaces")


def test_a_collection_is_deleted_by_labels(call: Caller) -> None:
    for name in ("a", "b", "c"):
        labels = {"sweep": "old" if name == "c" else "new"}
        call("POST", CONFIG_MAPS, config_map(name, labels=labels))
    listed = call("DELETE", CONFIG_MAPS, labelSelector="sweep=new").json
    assert [item["metadata"]["name"] for item in listed["items"]] == ["a", "b"]
    left = call("GET", CONFIG_MAPS).json["items"]
    assert [item["metadata"]["name"] for item in left] == ["c"]


def test_a_dry_run_deletes_nothing(call: Caller) -> None:
    call("POST", CONFIG_MAPS, config_map("a"))
    assert call("DELETE", f"{CONFIG_MAPS}/a", dryRun="All").status == 200
    assert call("DELETE", f"{CONFIG_MAPS}/a", {"dryRun": ["All"]}).status == 200
    assert call("GET", f"{CONFIG_MAPS}/a").status == 200


def test_preconditions_protect_a_successor(call: Caller) -> None:
    created = call("POST", CONFIG_MAPS, config_map("a")).json["metadata"]
    stale = {"preconditions": {"resourceVersion": "1"}}
    assert call("DELETE", f"{CONFIG_MAPS}/a", stale).status == 409
    right = {"preconditions": {key: created[key] for key in ("uid", "resourceVersion")}}
    assert call("DELETE", f"{CONFIG_MAPS}/a", right).status == 200


def test_the_grace_period_of_a_pod_is_the_clients(server: ApiServer, call: Caller) -> None:
    call("POST", PODS, pod(nodeName="node"))
    marked = call("DELETE", f"{PODS}/pod", gracePeriodSeconds=5).json
    assert marked["metadata"]["deletionGracePeriodSeconds"] == 5
    assert call("DELETE", f"{PODS}/pod", {"gracePeriodSeconds": 0}).status == 200
    assert call("GET", f"{PODS}/pod").status == 404
    assert server.requests.count("delete", "pods") == 2

"""Creates, updates and patches."""

import json
from typing import Any

import pytest

from sweepwright.testing.kubernetes import ApiServer, JsonObject, Resource, StatusError
from sweepwright.testing.kubernetes.store.resources import PODS as POD_KIND
from tests.kubernetes_caller import Caller
from tests.sweepwright.testing.kubernetes.objects import (
    CONFIG_MAPS,
    PODS,
    PYTORCH_JOBS,
    config_map,
    pod,
    pytorch_job,
)

MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"


def test_a_dry_run_shows_what_would_be_and_stores_nothing(call: Caller) -> None:
    shown = call("POST", PODS, pod(), dryRun="All")
    assert shown.status == 201
    assert shown.json["metadata"]["uid"]
    assert "resourceVersion" not in shown.json["metadata"]
    assert call("GET", f"{PODS}/pod").status == 404


def test_a_dry_run_of_a_patch_changes_nothing(call: Caller) -> None:
    before = call("POST", CONFIG_MAPS, config_map("a")).json
    patch = {"data": {"key": "other"}}
    shown = call("PATCH", f"{CONFIG_MAPS}/a", patch, content_type=MERGE, dryRun="All").json
    assert shown["data"] == {"key": "other"}
    assert call("GET", f"{CONFIG_MAPS}/a").json == before


def test_a_dry_run_of_nothing_known_is_refused(call: Caller) -> None:
    answer = call("POST", PODS, pod(), dryRun="Some")
    assert answer.status == 422
    assert 'Unsupported value: "Some": supported values: "All"' in answer.json["message"]


def test_a_dry_run_meets_what_exists(call: Caller) -> None:
    call("POST", PODS, pod())
    assert call("POST", PODS, pod(), dryRun="All").json["reason"] == "AlreadyExists"


def test_a_built_in_kind_can_be_updated_whatever_its_version(call: Caller) -> None:
    created = call("POST", CONFIG_MAPS, config_map("a")).json
    changed = {**config_map("a"), "data": {"key": "other"}}
    updated = call("PUT", f"{CONFIG_MAPS}/a", changed).json
    assert updated["metadata"]["uid"] == created["metadata"]["uid"]
    assert updated["data"] == {"key": "other"}


def test_an_update_has_to_name_its_object(call: Caller) -> None:
    call("POST", CONFIG_MAPS, config_map("a"))
    answer = call("PUT", f"{CONFIG_MAPS}/a", config_map("b"))
    assert (answer.status, "does not match the name on the URL" in answer.text) == (400, True)


def test_clients_cannot_change_what_is_the_servers(call: Caller) -> None:
    created = call("POST", PYTORCH_JOBS, pytorch_job("a", uid="mine")).json
    assert created["metadata"]["uid"] != "mine"
    forged = {"metadata": {"uid": "mine", "creationTimestamp": None, "generation": 9}}
    patched = call("PATCH", f"{PYTORCH_JOBS}/a", forged, content_type=MERGE).json
    assert patched["metadata"] == created["metadata"]


def test_a_change_of_the_spec_counts_as_a_generation(call: Caller) -> None:
    call("POST", PYTORCH_JOBS, pytorch_job("a"))
    patch = {"spec": {"runPolicy": {"suspend": True}}}
    patched = call("PATCH", f"{PYTORCH_JOBS}/a", patch, content_type=MERGE).json
    assert patched["metadata"]["generation"] == 2
    label = {"metadata": {"labels": {"a": "b"}}}
    patched = call("PATCH", f"{PYTORCH_JOBS}/a", label, content_type=MERGE).json
    assert patched["metadata"]["generation"] == 2


def test_a_status_is_written_by_itself_alone(call: Caller) -> None:
    created = {**pytorch_job("a"), "status": {"startTime": "2026-01-01T00:00:00Z"}}
    assert "status" not in call("POST", PYTORCH_JOBS, created).json
    patch = {"spec": {}, "metadata": {"labels": {"x": "y"}}, "status": {"conditions": []}}
    patched = call("PATCH", f"{PYTORCH_JOBS}/a/status", patch, content_type=MERGE).json
    assert patched["status"] == {"conditions": []}
    assert "labels" not in patched["metadata"]
    assert patched["spec"] == pytorch_job("a")["spec"]


def test_a_patch_with_a_version_is_checked_against_it(call: Caller) -> None:
    call("POST", CONFIG_MAPS, config_map("a"))
    patch = {"metadata": {"resourceVersion": "1", "labels": {"a": "b"}}}
    assert call("PATCH", f"{CONFIG_MAPS}/a", patch, content_type=MERGE).status == 409


def test_built_in_kinds_take_strategic_patches(call: Caller) -> None:
    call("POST", PODS, pod())
    image = {"spec": {"containers": [{"name": "main", "image": "python:3.13"}]}}
    patched = call("PATCH", f"{PODS}/pod", image, content_type=STRATEGIC).json
    (container,) = patched["spec"]["containers"]
    assert (container["image"], container["imagePullPolicy"]) == ("python:3.13", "IfNotPresent")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "unexpected end of JSON input"),
        ("[]", "json: cannot unmarshal into object"),
        ('{"a" 1}', "invalid character '1' after object key"),
        ('{"a": 1 "b"}', "invalid character '\"' after object key:value pair"),
        ('{"a": x}', "invalid character 'x' looking for beginning of value"),
        ('{"a": NaN}', "unexpected end of JSON input"),
        ("{} {}", "invalid character '{' after top-level value"),
        ('{"metadata": 1}', "cannot unmarshal metadata"),
    ],
)
def test_bodies_that_are_no_objects_are_refused(call: Caller, body: str, message: str) -> None:
    answer = call("POST", PODS, body, content_type="application/json")
    assert answer.status == 400
    assert message in answer.json["message"]


@pytest.mark.parametrize("key", ["kind", "apiVersion"])
def test_a_custom_object_says_what_it_is(call: Caller, key: str) -> None:
    body = pytorch_job("a")
    del body[key]
    assert call("POST", PYTORCH_JOBS, body).status == 400


def test_a_body_in_yaml_may_turn_a_name_into_something_else(call: Caller) -> None:
    text = "metadata:\n  name: y\ndata:\n  key: value\n"
    answer = call("POST", CONFIG_MAPS, text, content_type="application/yaml")
    assert answer.status == 400
    assert "cannot unmarshal bool into Go struct field ObjectMeta.metadata.name" in answer.text
    quoted = call(
        "POST", CONFIG_MAPS, text.replace("y\n", "'y'\n", 1), content_type="application/yaml"
    )
    assert quoted.json["metadata"]["name"] == "y"


def test_bodies_in_yaml_are_read_as_they_are_written(call: Caller) -> None:
    yaml = "application/yaml"
    text = "metadata: {name: a}\ndata: {day: 2026-01-01, y: 'on'}"
    created = call("POST", CONFIG_MAPS, text, content_type=yaml)
    assert created.json["data"] == {"day": "2026-01-01", "true": "on"}
    assert call("POST", CONFIG_MAPS, "a: [", content_type=yaml).status == 400


def test_bodies_and_objects_have_a_largest_size(call: Caller) -> None:
    huge = {**config_map("a"), "data": {"key": "x" * (3 << 20)}}
    assert call("POST", CONFIG_MAPS, huge).json["reason"] == "RequestEntityTooLarge"
    annotated = pytorch_job("a")
    annotated["spec"]["pytorchReplicaSpecs"]["Master"]["template"]["x"] = "x" * (2 << 20)
    answer = call("POST", PYTORCH_JOBS, annotated)
    assert (answer.status, answer.json["message"]) == (500, "etcdserver: request is too large")


def test_a_test_can_review_what_is_written(server: ApiServer, call: Caller) -> None:
    def review(operation: str, resource: Resource, namespace: str, found: JsonObject) -> None:
        if resource == POD_KIND and namespace == "default":
            found["metadata"].setdefault("labels", {})[operation.lower()] = "yes"
            if "denied" in found["metadata"]["name"]:
                raise StatusError(403, "Forbidden", "denied the request")

    server.admission.append(review)
    assert call("POST", PODS, pod()).json["metadata"]["labels"] == {"create": "yes"}
    patched = call("PATCH", f"{PODS}/pod", {}, content_type=MERGE).json
    assert patched["metadata"]["labels"] == {"create": "yes", "update": "yes"}
    assert call("POST", PODS, pod("denied")).json["message"] == "denied the request"


def test_a_test_can_create_what_a_client_could(server: ApiServer, call: Caller) -> None:
    server.create(POD_KIND, "default", pod())
    assert call("GET", f"{PODS}/pod").json["status"]["phase"] == "Pending"
    with pytest.raises(StatusError) as caught:
        server.create(POD_KIND, "default", pod("Bad_Name"))
    assert caught.value.reason == "Invalid"


def test_every_character_arrives(call: Caller) -> None:
    text = "".join(map(chr, [*range(1, 256), 0x2028, 0x1F600]))
    data: dict[str, Any] = {"metadata": {"name": "a"}, "data": {"key": text}}
    call("POST", CONFIG_MAPS, data)
    assert call("GET", f"{CONFIG_MAPS}/a").json["data"]["key"] == text


def test_half_a_pair_of_surrogates_is_replaced(call: Caller) -> None:
    body = json.dumps({"metadata": {"name": "a"}, "data": {"key": "[\ud83d] \U0001f600"}})
    assert r"\ud83d]" in body
    created = call("POST", CONFIG_MAPS, body, content_type="application/json").json
    assert created["data"]["key"] == "[\ufffd] \U0001f600"


@pytest.mark.parametrize(("metadata", "status"), [(None, 422), (1, 400)])
def test_a_patch_cannot_take_the_metadata_away(
    call: Caller, metadata: object, status: int
) -> None:
    call("POST", CONFIG_MAPS, config_map("a"))
    patch = {"metadata": metadata}
    assert call("PATCH", f"{CONFIG_MAPS}/a", patch, content_type=MERGE).status == status


def test_a_mistake_of_a_review_is_not_overlooked() -> None:
    def review(*_arguments: object) -> None:
        raise KeyError("mistake")

    def make_mistake() -> None:
        with ApiServer() as server:
            server.admission.append(review)
            assert Caller(server.url, server.token)("POST", PODS, pod()).status == 500

    with pytest.raises(KeyError, match="mistake"):
        make_mistake()

"""Objects of custom kinds against the schema of their definition."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sweepwright.testing.kubernetes import ApiServer, JsonObject, StatusError
from sweepwright.testing.kubernetes.store.resources import TRAIN_JOBS
from tests.kubernetes_caller import Caller, published

SCHEMA: JsonObject = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "required": ["size"],
            "x-kubernetes-validations": [{"rule": "has(self.size)", "message": "needs a size"}],
            "properties": {
                "size": {"type": "integer", "format": "int32", "minimum": 1, "maximum": 9},
                "policy": {"type": "string", "enum": ["Never", "Always"], "default": "Never"},
                "port": {
                    "x-kubernetes-int-or-string": True,
                    "anyOf": [{"type": "integer"}, {"type": "string"}],
                },
                "note": {"type": "string", "nullable": True, "minLength": 2},
                "since": {"type": "string", "format": "date-time"},
                "name": {
                    "type": "string",
                    "pattern": "^[a-z]+$",
                    "x-kubernetes-validations": [
                        {"rule": "self == oldSelf", "message": "field is immutable"}
                    ],
                },
                "items": {
                    "type": "array",
                    "maxItems": 3,
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["name"],
                    "items": {
                        "type": "object",
                        "properties": {"name": {"type": "string"}, "value": {"type": "string"}},
                    },
                },
                "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                "map": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        }
    },
}
WIDGETS = "/apis/example.com/v1/namespaces/default/widgets"
MERGE = "application/merge-patch+json"


@pytest.fixture
def call(tmp_path: Path) -> Iterator[Caller]:
    definition = {
        "spec": {
            "group": "example.com",
            "scope": "Namespaced",
            "names": {"plural": "widgets", "kind": "Widget"},
            "versions": [{"name": "v1", "storage": True, "schema": {"openAPIV3Schema": SCHEMA}}],
        }
    }
    path = tmp_path / "definition.json"
    path.write_text(json.dumps(definition))
    with ApiServer(crds=[path]) as server:
        yield Caller(server.url, server.token)


def widget(**spec: Any) -> JsonObject:
    named = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "a"}}
    return {**named, "spec": {"size": 1, **spec}}


INVALID: list[tuple[JsonObject, str, str]] = [
    ({"size": "1"}, "spec.size", 'must be of type integer: "string"'),
    ({"size": True}, "spec.size", 'must be of type integer: "boolean"'),
    ({"size": 1.5}, "spec.size", 'must be of type integer: "number"'),
    ({"size": 0}, "spec.size", "greater than or equal to 1"),
    ({"size": 10}, "spec.size", "less than or equal to 9"),
    ({"size": None}, "spec.size", 'must be of type integer: "null"'),
    ({"policy": "Maybe"}, "spec.policy", 'supported values: "Never", "Always"'),
    ({"port": 1.5}, "spec.port", "must be of type integer,string"),
    ({"note": "x"}, "spec.note", "at least 2 chars"),
    ({"since": "yesterday"}, "spec.since", "must be of type date-time"),
    ({"name": "A"}, "spec.name", "should match '^[a-z]+$'"),
    ({"items": [{"name": str(n)} for n in range(4)]}, "spec.items", "at most 3 items"),
    ({"items": [{"name": "x"}, {"name": "x"}]}, "spec.items[1]", 'Duplicate value: {"name":"x"}'),
    ({"map": {"a": 1}}, "spec.map.a", "must be of type string"),
]


@pytest.mark.parametrize(("spec", "field", "message"), INVALID)
def test_what_breaks_the_schema_is_refused(
    call: Caller, spec: JsonObject, field: str, message: str
) -> None:
    answer = call("POST", WIDGETS, widget(**spec))
    assert answer.status == 422
    cause = answer.json["details"]["causes"][0]
    assert (cause["field"], message in cause["message"]) == (field, True), cause


@pytest.mark.parametrize(
    "spec",
    [
        {"port": 80},
        {"port": "http"},
        {"note": None},
        {"since": "2026-01-01T00:00:00Z"},
        {"free": {"any": [{"thing": 1}]}, "map": {"a": "b"}},
        {"items": [{"name": "x", "value": "1"}, {"name": "y", "value": "1"}]},
    ],
)
def test_what_fits_the_schema_stays_as_it_is(call: Caller, spec: JsonObject) -> None:
    created = call("POST", WIDGETS, widget(**spec))
    assert created.status == 201
    assert created.warnings == []
    assert created.json["spec"] == {"size": 1, "policy": "Never", **spec}


def test_unknown_fields_are_named_wherever_they_are(call: Caller) -> None:
    value = widget(items=[{"name": "x", "extra": 1}], other={"a": 1})
    value["metadata"]["color"] = "red"
    value["status"] = {}
    answer = call("POST", WIDGETS, value)
    assert answer.warnings == [
        r'299 - "unknown field \"metadata.color\""',
        r'299 - "unknown field \"spec.items[0].extra\""',
        r'299 - "unknown field \"spec.other\""',
        r'299 - "unknown field \"status\""',
    ]
    assert answer.json["spec"]["items"] == [{"name": "x"}]


def test_a_null_takes_the_default(call: Caller) -> None:
    assert call("POST", WIDGETS, widget(policy=None)).json["spec"]["policy"] == "Never"


def test_what_is_immutable_cannot_be_patched(call: Caller) -> None:
    call("POST", WIDGETS, widget(name="first"))
    patch = {"spec": {"name": "second"}}
    answer = call("PATCH", f"{WIDGETS}/a", patch, content_type=MERGE)
    assert answer.json["details"]["causes"] == [
        {
            "reason": "FieldValueInvalid",
            "message": 'Invalid value: "string": field is immutable',
            "field": "spec.name",
        }
    ]
    other = {"spec": {"size": 2}}
    assert call("PATCH", f"{WIDGETS}/a", other, content_type=MERGE).status == 200


def test_the_rules_of_train_jobs_hold() -> None:
    path = published("trainer.kubeflow.org_trainjobs.json")
    job: JsonObject = {
        "apiVersion": "trainer.kubeflow.org/v1alpha1",
        "kind": "TrainJob",
        "metadata": {"name": "1st"},
        "spec": {
            "runtimeRef": {"name": "torch"},
            "managedBy": "somebody",
            "initializer": {"dataset": {"storageUri": "no uri"}},
            "trainer": {"numProcPerNode": 0},
        },
    }
    with ApiServer(crds=[path]) as server, pytest.raises(StatusError) as caught:
        server.create(TRAIN_JOBS, "default", job)
    assert [cause.field for cause in caught.value.causes] == [
        "<nil>",
        "spec.initializer.dataset.storageUri",
        "spec.managedBy",
        "spec.trainer.numProcPerNode",
    ]


def test_a_library_that_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "jsonschema", None)
    path = tmp_path / "definition.json"
    version = {"name": "v1", "storage": True, "schema": {"openAPIV3Schema": SCHEMA}}
    names = {"plural": "widgets", "kind": "Widget"}
    spec = {"group": "x.y", "scope": "Namespaced", "names": names, "versions": [version]}
    path.write_text(json.dumps({"spec": spec}))
    with pytest.raises(ImportError, match=r"pip install 'jsonschema>=4\.18'"):
        ApiServer(crds=[path])

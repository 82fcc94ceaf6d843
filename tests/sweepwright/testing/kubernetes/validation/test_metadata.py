"""Names, labels, annotations, owners and finalizers."""

import pytest

from sweepwright.testing.kubernetes import ApiServer, JsonObject, StatusError
from sweepwright.testing.kubernetes.store.resources import CONFIG_MAPS, NAMESPACES, Resource


def problem(server: ApiServer, resource: Resource = CONFIG_MAPS, **metadata: object) -> str:
    with pytest.raises(StatusError) as caught:
        server.create(resource, "default", {"metadata": {"name": "a", **metadata}})
    assert caught.value.code == 422
    return str(caught.value.causes[0])


@pytest.mark.parametrize("name", ["A", "a_b", "-a", "a-", "a..b", ".a", "a/b", "ä", "a b"])
def test_a_name_that_is_no_subdomain_is_refused(server: ApiServer, name: str) -> None:
    assert "a lowercase RFC 1123 subdomain must consist" in problem(server, name=name)


@pytest.mark.parametrize("name", ["a", "1", "a.b-c.d", "a" * 253])
def test_a_subdomain_is_a_name(server: ApiServer, name: str) -> None:
    assert server.create(CONFIG_MAPS, "default", {"metadata": {"name": name}})


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"name": "a" * 254}, "metadata.name: Invalid value"),
        ({"name": None, "generateName": "A-"}, "metadata.generateName: Invalid value"),
        ({"labels": {"a": "x" * 64}}, "must be no more than 63 characters"),
        ({"labels": {"a" * 64: "x"}}, "name part must be no more than 63 characters"),
        ({"labels": {"a": "with space"}}, "a valid label must be an empty string or consist"),
        ({"labels": {"A.com/x": "x"}}, "prefix part a lowercase RFC 1123 subdomain"),
        ({"labels": {"/x": "x"}}, "prefix part must be non-empty"),
        ({"labels": {"a/": "x"}}, "name part must be non-empty"),
        ({"annotations": {"a b": "x"}}, "name part must consist"),
        ({"annotations": {"a": "x" * (1 << 18)}}, "Too long: may not be more than 262144 bytes"),
        ({"finalizers": ["mine"]}, "neither a standard finalizer name"),
        (
            {"ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "a", "uid": ""}]},
            "metadata.ownerReferences[0].uid",
        ),
    ],
)
def test_metadata_is_checked(server: ApiServer, metadata: JsonObject, expected: str) -> None:
    assert expected in problem(server, **metadata)


def test_one_owner_is_in_control(server: ApiServer) -> None:
    owner = {"apiVersion": "v1", "kind": "Pod", "name": "a", "uid": "u", "controller": True}
    expected = "Only one reference can have Controller set to true"
    assert expected in problem(server, ownerReferences=[owner, owner])


def test_a_namespace_is_named_by_a_label(server: ApiServer) -> None:
    assert "a lowercase RFC 1123 label" in problem(server, NAMESPACES, name="a.b")


def test_values_of_any_kind_are_annotations(server: ApiServer) -> None:
    annotations = {"Example.com/Assignment": '{"lr": 0.1, "name": "ä\n$(X)"}'}
    body = {"metadata": {"name": "a", "annotations": annotations}}
    assert server.create(CONFIG_MAPS, "default", body)["metadata"]["annotations"] == annotations

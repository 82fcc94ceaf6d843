"""Tokens, users and their rules."""

import pytest

from sweepwright.testing.kubernetes import ApiServer
from tests.kubernetes_caller import Caller
from tests.sweepwright.testing.kubernetes.objects import CONFIG_MAPS, PODS, PYTORCH_JOBS, pod

REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
RULES = [
    {"apiGroups": [""], "resources": ["pods", "pods/log"], "verbs": ["get", "list", "create"]},
    {"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["mine"], "verbs": ["get"]},
    {"apiGroups": ["kubeflow.org"], "resources": ["pytorchjobs/*"], "verbs": ["*"]},
]


@pytest.fixture
def alice(server: ApiServer) -> Caller:
    server.add_namespace("other")
    server.add_user("alices-token", "alice", RULES, namespace="default")
    return Caller(server.url, "alices-token")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", PODS, 200),
        ("GET", f"{PODS}/pod/log", 200),
        ("DELETE", f"{PODS}/pod", 403),
        ("GET", f"{PODS}?watch=true", 403),
        ("GET", PODS.replace("default", "other"), 403),
        ("GET", "/api/v1/pods", 403),
        ("GET", f"{CONFIG_MAPS}/mine", 404),
        ("GET", f"{CONFIG_MAPS}/other", 403),
        ("GET", f"{PYTORCH_JOBS}/a/status", 404),
        ("GET", f"{PYTORCH_JOBS}/a", 403),
        ("GET", "/version", 200),
    ],
)
def test_rules_say_what_a_user_may(
    server: ApiServer, alice: Caller, method: str, path: str, status: int
) -> None:
    Caller(server.url, server.token)("POST", PODS, pod())
    where, _, query = path.partition("?")
    options = dict([query.split("=")]) if query else {}
    assert alice(method, where, **options).status == status


def test_a_refusal_names_the_object(alice: Caller) -> None:
    refused = alice("DELETE", f"{PODS}/pod").json
    assert refused["message"] == (
        'pods "pod" is forbidden: User "alice" cannot delete resource "pods" in API group "" in '
        'the namespace "default"'
    )
    assert refused["details"] == {"name": "pod", "kind": "pods"}


@pytest.mark.parametrize(
    ("attributes", "allowed"),
    [
        ({"verb": "create", "resource": "pods", "namespace": "default"}, True),
        ({"verb": "get", "resource": "pods", "subresource": "log", "namespace": "default"}, True),
        ({"verb": "create", "resource": "pods", "namespace": "other"}, False),
        ({"verb": "delete", "resource": "pods", "namespace": "default"}, False),
    ],
)
def test_a_user_can_ask_what_he_may(
    alice: Caller, attributes: dict[str, str], allowed: object
) -> None:
    review = alice("POST", REVIEWS, {"spec": {"resourceAttributes": attributes}})
    assert review.status == 201
    assert review.json["status"] == {"allowed": allowed}


def test_a_token_can_expire_and_be_renewed(server: ApiServer, alice: Caller) -> None:
    server.tokens.expire("alices-token")
    answer = alice("GET", PODS)
    assert (answer.status, answer.json["reason"]) == (401, "Unauthorized")
    server.add_user("new-token", "alice", RULES, namespace="default")
    assert alice("GET", PODS, token="new-token").status == 200  # noqa: S106 - made up


def test_requests_are_recorded_with_their_users(server: ApiServer, alice: Caller) -> None:
    alice("GET", PODS, limit=5)
    alice("GET", PODS, token="wrong")  # noqa: S106 - made up
    alice("GET", "/version")
    listed, unknown, version = server.requests.recent
    assert (listed.user, listed.verb, listed.resource) == ("alice", "list", "pods")
    assert (listed.namespace, listed.query, listed.status) == ("default", {"limit": "5"}, 200)
    assert (unknown.user, unknown.status) == ("", 401)
    assert (version.verb, version.resource) == ("get", "")
    assert server.requests.count("list") == 2
    server.requests.clear()
    assert server.requests.count() == 0

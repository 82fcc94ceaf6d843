"""Pods in a namespace that enforces the profile `restricted`."""

import copy
from collections.abc import Iterator

import pytest

from sweepwright.testing.kubernetes import ApiServer, JsonObject, StatusError
from sweepwright.testing.kubernetes.store.resources import PODS
from sweepwright.testing.kubernetes.validation.pod_security import ENFORCE_LABEL
from tests.sweepwright.testing.kubernetes.objects import container, pod

SAFE = pod(
    "a",
    container(
        securityContext={"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    ),
    securityContext={
        "runAsNonRoot": True,
        "runAsUser": 1000,
        "seccompProfile": {"type": "RuntimeDefault"},
    },
    volumes=[{"name": "v", "emptyDir": {}}],
)


@pytest.fixture
def restricted() -> Iterator[ApiServer]:
    with ApiServer() as server:
        server.add_namespace("safe", {ENFORCE_LABEL: "restricted"})
        yield server


def violations(server: ApiServer, value: JsonObject) -> str:
    with pytest.raises(StatusError) as caught:
        server.create(PODS, "safe", value)
    assert caught.value.code == 403
    prefix = 'pods "a" is forbidden: violates PodSecurity "restricted:latest": '
    assert caught.value.message.startswith(prefix)
    return caught.value.message.removeprefix(prefix)


def test_a_pod_within_the_profile_is_admitted(restricted: ApiServer) -> None:
    assert restricted.create(PODS, "safe", SAFE)


def test_a_plain_pod_violates_it_in_four_ways(restricted: ApiServer) -> None:
    assert violations(restricted, pod("a")) == (
        'allowPrivilegeEscalation != false (container "main" must set '
        "securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "
        '"main" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or '
        'container "main" must set securityContext.runAsNonRoot=true), seccompProfile (pod or '
        'container "main" must set securityContext.seccompProfile.type to "RuntimeDefault" or '
        '"Localhost")'
    )


@pytest.mark.parametrize(
    ("change", "violation"),
    [
        ({"hostNetwork": True}, "host namespaces (hostNetwork=true)"),
        (
            {"securityContext": {**SAFE["spec"]["securityContext"], "runAsUser": 0}},
            "runAsUser=0 (pod must not set runAsUser=0)",
        ),
        (
            {"volumes": [{"name": "v", "hostPath": {"path": "/"}}]},
            'restricted volume types (volume "v" uses restricted volume type "hostPath")',
        ),
    ],
)
def test_other_violations(restricted: ApiServer, change: JsonObject, violation: str) -> None:
    value = copy.deepcopy(SAFE)
    value["spec"].update(change)
    assert violations(restricted, value) == violation


def test_other_namespaces_admit_any_pod(restricted: ApiServer) -> None:
    assert restricted.create(PODS, "default", pod("a"))

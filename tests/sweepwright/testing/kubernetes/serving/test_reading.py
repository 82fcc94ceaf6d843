"""Gets and lists: pages, selectors, versions, and paths that lead nowhere."""

import base64

import pytest

from sweepwright.testing.kubernetes import ApiServer
from tests.kubernetes_caller import Caller
from tests.sweepwright.testing.kubernetes.objects import CONFIG_MAPS, PODS, config_map, pod


@pytest.fixture
def five(call: Caller) -> None:
    for name in "edcba":
        labels = {"vowel": "yes"} if name in "ae" else {}
        call("POST", CONFIG_MAPS, config_map(name, labels=labels))


def names(listed: dict[str, list[dict[str, dict[str, str]]]]) -> str:
    return "".join(item["metadata"]["name"] for item in listed["items"])


@pytest.mark.usefixtures("five")
def test_pages_show_what_there_was_when_the_first_was_read(call: Caller) -> None:
    first = call("GET", CONFIG_MAPS, limit=2).json
    assert (names(first), first["metadata"]["remainingItemCount"]) == ("ab", 3)
    call("DELETE", f"{CONFIG_MAPS}/c")
    call("POST", CONFIG_MAPS, config_map("cc"))
    token = first["metadata"]["continue"]
    second = call("GET", CONFIG_MAPS, limit=2, **{"continue": token}).json
    assert names(second) == "cd"
    assert second["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]
    third = call("GET", CONFIG_MAPS, limit=2, **{"continue": second["metadata"]["continue"]}).json
    assert names(third) == "e"
    assert not third["metadata"].get("continue")


@pytest.mark.usefixtures("five")
def test_a_page_can_expire(server: ApiServer, call: Caller) -> None:
    token = call("GET", CONFIG_MAPS, limit=2).json["metadata"]["continue"]
    server.faults.expire_versions()
    late = call("GET", CONFIG_MAPS, limit=2, **{"continue": token})
    assert (late.status, late.json["reason"]) == (410, "Expired")


@pytest.mark.parametrize("token", ["nonsense", base64.b64encode(b"{}").decode()])
def test_a_made_up_page_is_refused(call: Caller, token: str) -> None:
    answer = call("GET", CONFIG_MAPS, **{"continue": token})
    assert (answer.status, answer.json["message"]) == (400, "continue key is not valid")


@pytest.mark.usefixtures("five")
def test_selectors_hold_for_all_pages(call: Caller) -> None:
    first = call("GET", CONFIG_MAPS, limit=1, labelSelector="vowel").json
    assert (names(first), "remainingItemCount" in first["metadata"]) == ("a", False)
    more = {"continue": first["metadata"]["continue"], "labelSelector": "vowel"}
    assert names(call("GET", CONFIG_MAPS, **more).json) == "e"


@pytest.mark.usefixtures("five")
def test_lists_with_different_selectors_have_pages_of_their_own(call: Caller) -> None:
    everything = call("GET", CONFIG_MAPS, limit=4).json
    vowels = call("GET", CONFIG_MAPS, limit=1, labelSelector="vowel").json
    for name in "fg":
        call("POST", PODS, pod(name))
    call("GET", PODS, limit=1)
    tokens = [each["metadata"]["continue"] for each in (everything, vowels)]
    assert names(call("GET", CONFIG_MAPS, **{"continue": tokens[0]}).json) == "e"
    selected = {"continue": tokens[1], "labelSelector": "vowel"}
    assert names(call("GET", CONFIG_MAPS, **selected).json) == "e"


def test_all_namespaces_are_listed_together(server: ApiServer, call: Caller) -> None:
    server.add_namespace("other")
    call("POST", CONFIG_MAPS, config_map("a"))
    call("POST", CONFIG_MAPS.replace("default", "other"), config_map("b"))
    assert names(call("GET", "/api/v1/configmaps").json) == "ab"


@pytest.mark.parametrize(("query", "status"), [("0", 200), ("", 200), ("abc", 400)])
def test_versions_of_lists(call: Caller, query: str, status: int) -> None:
    assert call("GET", CONFIG_MAPS, resourceVersion=query).status == status


def test_an_exact_version_can_be_too_old(call: Caller) -> None:
    answer = call("GET", CONFIG_MAPS, resourceVersion=1, resourceVersionMatch="Exact")
    assert answer.status == 410


def test_a_match_needs_a_version(call: Caller) -> None:
    answer = call("GET", CONFIG_MAPS, resourceVersionMatch="Exact")
    assert (answer.status, answer.json["details"]["kind"]) == (422, "ListOptions")


def test_pods_are_selected_by_fields(call: Caller) -> None:
    call("POST", PODS, pod("a", nodeName="x"))
    call("POST", PODS, pod("b"))
    assert names(call("GET", PODS, fieldSelector="spec.nodeName=x").json) == "a"
    assert names(call("GET", PODS, fieldSelector="status.phase=Pending").json) == "ab"


@pytest.mark.parametrize(
    "path",
    [
        "/nope",
        "/api/v2/pods",
        "/api/v1/pods/name",
        "/api/v1/namespaces/default/nodes",
        "/api/v1/namespaces/default/configmaps/a/status",
        "/apis/kubeflow.org/v2/namespaces/default/pytorchjobs",
        "/apis/kubeflow.org/v1/namespaces/default/pytorchjobs/a/status/more",
    ],
)
def test_unknown_paths_are_answered_in_plain_text(call: Caller, path: str) -> None:
    answer = call("GET", path)
    assert (answer.status, answer.text) == (404, "404 page not found\n")
    assert answer.header("Content-Type") == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    ("method", "path"), [("POST", f"{PODS}/a"), ("PUT", PODS), ("DELETE", f"{PODS}/a/status")]
)
def test_methods_that_mean_nothing_are_refused(call: Caller, method: str, path: str) -> None:
    answer = call(method, path, {})
    assert (answer.status, answer.json["reason"]) == (405, "MethodNotAllowed")


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz"])
def test_the_server_is_healthy(call: Caller, path: str) -> None:
    assert call("GET", path, token=None).text == "ok"


def test_groups_and_kinds_are_discovered(call: Caller) -> None:
    assert call("GET", "/api").json["versions"] == ["v1"]
    groups = {group["name"]: group for group in call("GET", "/apis").json["groups"]}
    preferred = groups["trainer.kubeflow.org"]["preferredVersion"]["groupVersion"]
    assert preferred == "trainer.kubeflow.org/v1alpha1"
    assert call("GET", "/apis/batch").json["preferredVersion"]["version"] == "v1"
    listed = call("GET", "/api/v1").json["resources"]
    assert {"pods", "pods/log", "pods/status", "configmaps"} <= {each["name"] for each in listed}
    assert call("GET", "/apis/nope.org").status == 404

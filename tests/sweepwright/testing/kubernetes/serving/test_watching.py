"""Watches: what they tell, how they end, and how they resume."""

import json
from collections.abc import Iterator
from http.client import HTTPResponse, IncompleteRead
from typing import Any

import pytest

from sweepwright.testing.kubernetes import ApiServer
from sweepwright.testing.kubernetes.store import history
from tests.kubernetes_caller import Caller
from tests.sweepwright.testing.kubernetes.objects import CONFIG_MAPS, config_map


def events(response: HTTPResponse) -> Iterator[dict[str, Any]]:
    while line := response.readline():
        yield json.loads(line)


def seen(event: dict[str, Any]) -> tuple[str, str]:
    return event["type"], event["object"]["metadata"]["name"]


def test_a_watch_from_a_version_tells_what_happened_since(call: Caller) -> None:
    call("POST", CONFIG_MAPS, config_map("before"))
    version = call("GET", CONFIG_MAPS).json["metadata"]["resourceVersion"]
    call("POST", CONFIG_MAPS, config_map("a"))
    with call.open("GET", CONFIG_MAPS, watch="true", resourceVersion=version) as response:
        told = events(response)
        assert seen(next(told)) == ("ADDED", "a")
        patch = {"data": {"key": "other"}}
        merge = "application/merge-patch+json"
        call("PATCH", f"{CONFIG_MAPS}/before", patch, content_type=merge)
        call("DELETE", f"{CONFIG_MAPS}/a")
        modified, deleted = next(told), next(told)
    assert seen(modified) == ("MODIFIED", "before")
    assert modified["object"]["data"] == {"key": "other"}
    assert seen(deleted) == ("DELETED", "a")
    assert int(deleted["object"]["metadata"]["resourceVersion"]) > int(version) + 2


def test_a_selector_makes_objects_come_and_go(call: Caller) -> None:
    merge = "application/merge-patch+json"

    def label(value: str) -> None:
        patch = {"metadata": {"labels": {"on": value}}}
        call("PATCH", f"{CONFIG_MAPS}/a", patch, content_type=merge)

    call("POST", CONFIG_MAPS, config_map("a", labels={"on": "no"}))
    with call.open("GET", CONFIG_MAPS, watch=1, labelSelector="on=yes") as response:
        told = events(response)
        label("yes")
        label("no")
        assert [next(told)["type"], next(told)["type"]] == ["ADDED", "DELETED"]


def test_a_watch_ends_after_its_time(call: Caller) -> None:
    call("POST", CONFIG_MAPS, config_map("a"))
    answer = call("GET", CONFIG_MAPS, watch="true", timeoutSeconds=1)
    assert [seen(event) for event in answer.lines] == [("ADDED", "a")]


def test_one_object_can_be_watched(call: Caller) -> None:
    call("POST", CONFIG_MAPS, config_map("a"))
    call("POST", CONFIG_MAPS, config_map("b"))
    with call.open("GET", f"{CONFIG_MAPS}/b", watch="true") as response:
        assert seen(next(events(response))) == ("ADDED", "b")


def test_bookmarks_carry_versions_of_other_kinds_changes() -> None:
    with ApiServer(bookmark_seconds=0.01) as server:
        call = Caller(server.url, server.token)
        version = call("GET", CONFIG_MAPS).json["metadata"]["resourceVersion"]
        asked = {"watch": "true", "resourceVersion": version, "allowWatchBookmarks": "true"}
        with call.open("GET", CONFIG_MAPS, **asked) as response:
            told = events(response)
            assert next(told)["object"]["metadata"]["resourceVersion"] == version
            server.add_namespace("other")
            later = (event for event in told if _version(event) > int(version))
            bookmark = next(later)
    assert bookmark["type"] == "BOOKMARK"
    assert bookmark["object"]["kind"] == "ConfigMap"


def _version(event: dict[str, Any]) -> int:
    return int(event["object"]["metadata"]["resourceVersion"])


def test_a_watch_can_begin_with_a_list(call: Caller) -> None:
    call("POST", CONFIG_MAPS, config_map("a"))
    asked = {
        "watch": "true",
        "sendInitialEvents": "true",
        "allowWatchBookmarks": "true",
        "resourceVersionMatch": "NotOlderThan",
    }
    with call.open("GET", CONFIG_MAPS, **asked) as response:
        told = events(response)
        assert seen(next(told)) == ("ADDED", "a")
        bookmark = next(told)["object"]["metadata"]
    assert bookmark["annotations"] == {"k8s.io/initial-events-end": "true"}


def test_a_version_of_the_future_is_refused(call: Caller) -> None:
    answer = call("GET", CONFIG_MAPS, watch="true", resourceVersion=10**9)
    assert (answer.status, answer.json["reason"]) == (504, "Timeout")


def test_a_dropped_watch_ends_in_the_middle(server: ApiServer, call: Caller) -> None:
    with call.open("GET", CONFIG_MAPS, watch="true") as response:
        assert server.faults.drop_watches() == 1
        with pytest.raises((IncompleteRead, ConnectionError)):
            response.read()


def test_versions_expire(server: ApiServer, call: Caller) -> None:
    version = call("GET", CONFIG_MAPS).json["metadata"]["resourceVersion"]
    server.faults.expire_versions()
    answer = call("GET", CONFIG_MAPS, watch="true", resourceVersion=version, timeoutSeconds=1)
    (event,) = answer.lines
    assert (event["type"], event["object"]["code"]) == ("ERROR", 410)
    fresh = call("GET", CONFIG_MAPS).json["metadata"]["resourceVersion"]
    assert (
        call("GET", CONFIG_MAPS, watch="true", resourceVersion=fresh, timeoutSeconds=1).text == ""
    )


def test_old_changes_are_forgotten(
    server: ApiServer, call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "_KEPT_CHANGES", 2)
    version = server.store.history.version
    for name in "abc":
        call("POST", CONFIG_MAPS, config_map(name))
    for since, told in ((version, ["ERROR"]), (version + 1, ["ADDED", "ADDED"])):
        answer = call("GET", CONFIG_MAPS, watch="true", resourceVersion=since, timeoutSeconds=1)
        assert [event["type"] for event in answer.lines] == told


def test_versions_can_expire_within_a_watch(server: ApiServer, call: Caller) -> None:
    with call.open("GET", CONFIG_MAPS, watch="true") as response:
        server.faults.expire_versions(within_watches=True)
        (event,) = events(response)
    assert event["object"]["reason"] == "Expired"

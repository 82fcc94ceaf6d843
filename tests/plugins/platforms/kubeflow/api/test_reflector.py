"""Reflectors over real HTTP."""

from collections.abc import Callable, Iterable
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any

import pytest

from sweepwright.plugins.platforms.kubeflow.api.notices import (
    Changed,
    Deleted,
    Interrupted,
    Listed,
    Resumed,
)
from sweepwright.plugins.platforms.kubeflow.api.reflector import Reflector
from sweepwright.plugins.platforms.kubeflow.api.resources import POD
from tests.plugins.platforms.kubeflow.api.scripted_server import (
    DROP,
    Chunks,
    NoJitter,
    Reply,
    Request,
    opened_cluster,
    status,
)

SECONDS = 20
HANG = Chunks([], "hang")


def pod(name: str, version: int = 1) -> dict[str, Any]:
    return {"metadata": {"name": name, "uid": name, "resourceVersion": str(version)}}


def page(*names: str, version: int = 1, rest: str = "") -> Reply:
    metadata = {"resourceVersion": str(version), **({"continue": rest} if rest else {})}
    return Reply(200, {"metadata": metadata, "items": [pod(name) for name in names]})


def event(kind: str, name: str, version: int) -> dict[str, Any]:
    return {"type": kind, "object": pod(name, version)}


def bookmark(version: int) -> dict[str, Any]:
    return {
        "type": "BOOKMARK",
        "object": {"kind": "Pod", "metadata": {"resourceVersion": str(version)}},
    }


def gone() -> dict[str, Any]:
    object_ = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}
    return {"type": "ERROR", "object": object_}


def scripted(answers: Iterable[Any]) -> Callable[[Request], Any]:
    """Answer by a script, and then let the watch hang."""
    script = iter(answers)
    return lambda _: next(script, HANG)


@contextmanager
def reflecting(tmp_path, answers, **options):
    notices: SimpleQueue[Any] = SimpleQueue()
    with opened_cluster(tmp_path, scripted(answers), random=NoJitter()) as (cluster, server):
        reflector = Reflector(cluster, POD, "sweep=x", notices.put, **options)
        reflector.start()
        try:
            yield (lambda: notices.get(timeout=SECONDS)), server, reflector
        finally:
            reflector.close()


def names(listed: Listed) -> list[str]:
    return sorted(listed.objects)


def test_objects_are_listed_and_then_watched(tmp_path):
    watch = Chunks([event("ADDED", "b", 2), event("MODIFIED", "a", 3), event("DELETED", "b", 4)])
    with reflecting(tmp_path, [page("a"), watch]) as (get, server, _):
        listed, added, modified, deleted = get(), get(), get(), get()
        server.hanging.get(timeout=SECONDS)

    assert names(listed) == ["a"]
    assert listed.objects["a"]["kind"] == "Pod"
    assert added == Changed(POD, {**pod("b", 2), "kind": "Pod", "apiVersion": "v1"})
    assert (modified.object["metadata"]["name"], deleted.object["metadata"]["name"]) == ("a", "b")
    first, second, third = server.requests
    assert first.query == {"labelSelector": "sweep=x", "limit": "250"}
    assert second.query["resourceVersion"] == "1"
    assert second.query["allowWatchBookmarks"] == "true"
    assert third.query["resourceVersion"] == "4"


def test_long_lists_come_in_pages(tmp_path):
    with reflecting(tmp_path, [page("a", rest="c1"), page("b", version=2)]) as (get, server, _):
        assert names(get()) == ["a", "b"]

        assert server.requests[1].query["continue"] == "c1"


def test_a_list_whose_rest_was_forgotten_is_read_at_once(tmp_path):
    answers = [page("a", rest="c1"), status(410, "Expired"), page("a", "b")]
    with reflecting(tmp_path, answers) as (get, server, _):
        assert names(get()) == ["a", "b"]

        assert "limit" not in server.requests[2].query


@pytest.mark.parametrize("end", ["end", "drop"])
def test_a_watch_that_ends_is_continued_from_the_last_bookmark(tmp_path, end):
    answers = [page(), Chunks([event("ADDED", "a", 2), bookmark(7)], end)]
    with reflecting(tmp_path, answers) as (get, server, _):
        assert isinstance(get(), Listed)
        assert isinstance(get(), Changed)
        server.hanging.get(timeout=SECONDS)

    assert server.requests[2].query["resourceVersion"] == "7"


def test_an_event_that_was_cut_off_is_asked_for_again(tmp_path):
    answers = [page(), Chunks([b'{"type": "ADDED", "obj']), Chunks([event("ADDED", "a", 2)])]
    with reflecting(tmp_path, answers) as (get, server, _):
        assert isinstance(get(), Listed)
        assert get().object["metadata"]["name"] == "a"

    assert server.requests[2].query["resourceVersion"] == "1"


def test_events_may_arrive_in_any_pieces(tmp_path):
    line = b'{"type":"ADDED","object":{"metadata":{"name":"a","resourceVersion":"2"}}}\n'
    pieces = [line[:10], line[10:] + line[:30], line[30:]]
    with reflecting(tmp_path, [page(), Chunks(pieces)]) as (get, _, _):
        assert [type(get()) for _ in range(3)] == [Listed, Changed, Changed]


@pytest.mark.parametrize(
    "forgotten",
    [
        status(410, "Expired"),
        Chunks([gone()]),
        status(504, "Timeout", "Timeout: Too large resource version: 9, current: 5"),
    ],
)
def test_objects_that_vanished_unwatched_are_reported(tmp_path, forgotten):
    answers = [page("a", "b"), Chunks([event("ADDED", "c", 2)]), forgotten, page("b")]
    with reflecting(tmp_path, answers) as (get, _, _):
        get(), get()
        vanished = [get(), get()]
        assert {each.object["metadata"]["name"] for each in vanished} == {"a", "c"}
        assert all(isinstance(each, Deleted) for each in vanished)
        assert names(get()) == ["b"]


def test_an_outage_is_reported_and_its_end(tmp_path):
    answers = [page(), Chunks([bookmark(5)]), DROP, Reply(503, b"busy")]
    with reflecting(tmp_path, answers) as (get, server, _):
        assert isinstance(get(), Listed)
        first, second = get(), get()
        assert get() == Resumed(POD)

    assert isinstance(first, Interrupted)
    assert "does not answer" in first.reason
    assert second == Interrupted(POD, "status 503: busy", 503)
    assert [r.query.get("resourceVersion") for r in server.requests[1:]] == ["1", "5", "5", "5"]


def test_a_refusal_is_reported_with_its_status(tmp_path):
    with reflecting(tmp_path, [status(403, "Forbidden", "no pods"), page()]) as (get, _, _):
        assert get() == Interrupted(POD, "no pods", 403)
        assert get() == Resumed(POD)


def test_a_proxy_that_answers_instead_of_the_server_is_an_outage(tmp_path):
    login = Reply(200, b"<html>log in</html>")
    with reflecting(tmp_path, [login, page("a"), login, Chunks([event("ADDED", "b", 2)])]) as (
        get,
        server,
        _,
    ):
        assert "not as an API server" in get().reason
        assert get() == Resumed(POD)
        assert names(get()) == ["a"]
        assert get().object["metadata"]["name"] == "b"

    assert [each.query.get("resourceVersion") for each in server.requests[2:4]] == ["1", "1"]


@pytest.mark.parametrize("body", [{"error": "log in"}, {"metadata": None}, {"items": [1]}, [1]])
def test_json_of_a_proxy_is_an_outage(tmp_path, body):
    answers = [Reply(200, body), page("a"), Chunks([body]), Chunks([event("ADDED", "b", 2)])]
    with reflecting(tmp_path, answers) as (get, _, reflector):
        assert "not" in get().reason
        assert get() == Resumed(POD)
        assert names(get()) == ["a"]
        assert "not that of an API server" in get().reason
        assert get() == Resumed(POD)
        assert get().object["metadata"]["name"] == "b"
        assert reflector.alive


def test_a_silent_watch_is_opened_again(tmp_path):
    with reflecting(tmp_path, [page()], silence=0.05) as (get, server, _):
        assert isinstance(get(), Listed)
        server.hanging.get(timeout=SECONDS)
        server.hanging.get(timeout=SECONDS)


def test_closing_ends_the_thread_while_it_waits_for_events(tmp_path):
    with reflecting(tmp_path, [page()]) as (_, server, reflector):
        server.hanging.get(timeout=SECONDS)
        reflector.close(SECONDS)

        assert not reflector.alive


def test_what_nobody_reads_is_left_out(tmp_path):
    large = pod("a")
    large["metadata"]["managedFields"] = [{"manager": "kubelet"}]
    answers = [Reply(200, {"metadata": {"resourceVersion": "1"}, "items": [large]})]
    with reflecting(tmp_path, answers) as (get, _, _):
        assert "managedFields" not in get().objects["a"]["metadata"]

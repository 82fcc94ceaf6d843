"""Logs: the server's own checks, and the stream of a source."""

import os
import resource
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from sweepwright.testing.kubernetes import ApiServer, JsonObject, LogQuery, StatusError
from sweepwright.testing.kubernetes.store.resources import PODS as POD_KIND
from tests.kubernetes_caller import Caller
from tests.sweepwright.testing.kubernetes.objects import PODS, container, pod

LOG = f"{PODS}/pod/log"


def state(**kinds: object) -> JsonObject:
    return {"containerStatuses": [{"name": "main", **kinds}]}


def test_the_log_of_a_pod_without_a_node_is_empty(server: ApiServer, call: Caller) -> None:
    server.serve_logs(lambda _pod, _query: [b"never read"])
    call("POST", PODS, pod())
    answer = call("GET", LOG)
    assert (answer.status, answer.text) == (200, "")


def test_a_log_is_passed_on_with_what_is_asked_for(server: ApiServer, call: Caller) -> None:
    asked = []

    def source(found: JsonObject, query: LogQuery) -> list[bytes]:
        asked.append((found["metadata"]["name"], query))
        return [b"one\n", b"", b"two\n"]

    server.serve_logs(source)
    call("POST", PODS, pod(nodeName="node"))
    options = {"tailLines": 3, "limitBytes": 10, "sinceSeconds": 5, "timestamps": "true"}
    answer = call("GET", LOG, sinceTime="2026-01-01T00:00:00Z", **options)
    assert answer.text == "one\ntwo\n"
    assert answer.header("Content-Type") == "text/plain; charset=utf-8"
    expected = LogQuery(
        "main",
        timestamps=True,
        since_time="2026-01-01T00:00:00Z",
        since_seconds=5,
        tail_lines=3,
        limit_bytes=10,
    )
    assert asked == [("pod", expected)]


def test_a_source_ends_when_its_client_is_gone(server: ApiServer, call: Caller) -> None:
    ended = threading.Event()
    pace = threading.Event()

    def source(_pod: JsonObject, query: LogQuery) -> Iterator[bytes]:
        assert query.follow
        try:
            yield b"first\n"
            while True:
                pace.wait(0.01)
                yield b""
        finally:
            ended.set()

    server.serve_logs(source)
    call("POST", PODS, pod(nodeName="node"))
    with call.open("GET", LOG, follow="true") as response:
        assert response.readline() == b"first\n"
    assert ended.wait(10)


def test_a_source_can_refuse(server: ApiServer, call: Caller) -> None:
    def source(_pod: JsonObject, _query: LogQuery) -> Iterator[bytes]:
        raise StatusError(500, "InternalError", "node is away")
        yield b""

    server.serve_logs(source)
    call("POST", PODS, pod(nodeName="node"))
    answer = call("GET", LOG)
    assert (answer.status, answer.json["message"]) == (500, "node is away")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({}, "a container name must be specified for pod pod, choose one of: [main side]"),
        ({"container": "other"}, "container other is not valid for pod pod"),
        (
            {"container": "main", "tailLines": "x"},
            'tailLines: strconv.ParseInt: parsing "x": invalid syntax',
        ),
    ],
)
def test_a_container_must_be_named(call: Caller, query: dict[str, str], message: str) -> None:
    call("POST", PODS, pod("pod", container(), container(name="side"), nodeName="node"))
    answer = call("GET", LOG, **query)
    assert answer.status == 400
    assert message in answer.json["message"]


@pytest.mark.parametrize(
    ("waiting", "message"),
    [
        ("ContainerCreating", "is waiting to start: ContainerCreating"),
        ("ImagePullBackOff", "is waiting to start: trying and failing to pull image"),
    ],
)
def test_a_container_that_waits_has_no_log(
    server: ApiServer, call: Caller, waiting: str, message: str
) -> None:
    call("POST", PODS, pod(nodeName="node"))
    now = state(state={"waiting": {"reason": waiting}})
    server.store.patch_status(POD_KIND, "default", "pod", now)
    answer = call("GET", LOG)
    assert answer.status == 400
    assert message in answer.json["message"]


def test_a_container_that_restarts_serves_its_last_log(server: ApiServer, call: Caller) -> None:
    server.serve_logs(lambda _pod, _query: [b"last\n"])
    call("POST", PODS, pod(nodeName="node"))
    now = state(state={"waiting": {"reason": "CrashLoopBackOff"}}, lastState={"terminated": {}})
    server.store.patch_status(POD_KIND, "default", "pod", now)
    assert call("GET", LOG).text == "last\n"


@contextmanager
def many_descriptors() -> Iterator[None]:
    """Let new file descriptors have numbers that `select` does not know."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limits[1] != resource.RLIM_INFINITY and limits[1] < 2048:
        pytest.skip("this process may not open so many files")
    with ExitStack() as stack:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(2048, limits[0]), limits[1]))
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, limits)
        for _ in range(1024):
            stack.callback(os.close, os.open(os.devnull, os.O_RDONLY))
        yield


def test_a_log_is_followed_on_any_descriptor(server: ApiServer, call: Caller) -> None:
    server.serve_logs(lambda _pod, _query: [b"one\n", b"", b"two\n"])
    call("POST", PODS, pod(nodeName="node"))
    # Linux chooses the number of the next connection when the server begins to wait for it.
    with many_descriptors(), call.open("GET", PODS, watch="true"):
        assert call("GET", LOG, follow="true").text == "one\ntwo\n"

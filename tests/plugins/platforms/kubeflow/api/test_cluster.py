"""Requests to an API server over real HTTP."""

import sys
from pathlib import Path

import pytest
import yaml

from sweepwright.plugins.platforms.kubeflow.api.cluster import Cluster, ClusterSettings
from sweepwright.plugins.platforms.kubeflow.api.errors import UNKNOWN_PATH, ApiError
from sweepwright.plugins.platforms.kubeflow.api.login import find_login
from sweepwright.plugins.platforms.kubeflow.api.resources import JOB, NAMESPACE, PYTORCH_JOB
from tests.plugins.platforms.kubeflow.api.scripted_server import (
    DROP,
    Chunks,
    FakeTime,
    Reply,
    opened_cluster,
    status,
    write_kubeconfig,
)

PATH = JOB.path("lab")


def test_a_request_carries_query_body_and_token(tmp_path):
    with opened_cluster(tmp_path, lambda _: Reply(201, {"kind": "Job"})) as (cluster, server):
        body = {"metadata": {"name": "é"}}
        document = cluster.request(
            "POST", PATH, query={"dryRun": "All", "limit": None, "watch": True}, body=body
        )

    sent = server.requests[0]
    assert document == {"kind": "Job"}
    assert (sent.method, sent.path) == ("POST", "/apis/batch/v1/namespaces/lab/jobs")
    assert sent.query == {"dryRun": "All", "watch": "true"}
    assert sent.body == body
    assert sent.headers["Authorization"] == "Bearer t0"
    assert sent.headers["Content-Type"] == "application/json"


def test_paths_of_objects_are_quoted():
    assert PYTORCH_JOB.path("a", "b/c", "status") == (
        "/apis/kubeflow.org/v1/namespaces/a/pytorchjobs/b%2Fc/status"
    )
    assert NAMESPACE.path("", "lab") == "/api/v1/namespaces/lab"


@pytest.mark.parametrize(
    "trouble",
    [Reply(500), Reply(503, b"<html>"), Reply(200, b"<html>log in"), DROP, status(429, "x")],
)
def test_a_request_is_repeated_until_it_is_answered(tmp_path, trouble):
    answers = iter([trouble, trouble, Reply(200, {"a": 1})])
    time = FakeTime()
    with opened_cluster(tmp_path, lambda _: next(answers), time=time) as (cluster, server):
        assert cluster.request("GET", PATH) == {"a": 1}

    assert len(server.requests) == 3
    assert 0.25 <= time.slept[0] <= 0.5 <= time.slept[1] <= 1.0


def test_the_server_says_how_long_to_wait(tmp_path):
    answers = iter([Reply(429, b"slow down", {"Retry-After": "7"}), Reply()])
    time = FakeTime()
    with opened_cluster(tmp_path, lambda _: next(answers), time=time) as (cluster, _):
        cluster.request("GET", PATH)

    assert 7 <= time.slept[0] <= 7.7


def test_a_request_is_given_up_in_the_end(tmp_path):
    time = FakeTime()
    answer = status(500, "InternalError", "etcd is\nsleepy")
    with opened_cluster(tmp_path, lambda _: answer, time=time) as (cluster, server):
        with pytest.raises(ApiError, match="etcd is sleepy") as caught:
            cluster.request("GET", PATH, give_up=30)

        assert caught.value.status == 500
        assert caught.value.transient
        assert time.now <= 30
        assert len(server.requests) > 3


def test_a_refusal_is_not_repeated(tmp_path):
    answer = status(422, "Invalid", "bad", causes=[{"field": "spec.x", "message": "must be\n1"}])
    answer.headers = {"Warning": '299 - "unknown field \\"spec.y\\"", 299 - "second"'}
    with opened_cluster(tmp_path, lambda _: answer) as (cluster, server):
        with pytest.raises(ApiError) as caught:
            cluster.request("POST", PATH, body={})

        assert len(server.requests) == 1
    error = caught.value
    assert (error.status, error.reason, error.message) == (422, "Invalid", "bad")
    assert error.causes == [("spec.x", "must be 1")]
    assert error.warnings == ['unknown field "spec.y"', "second"]


def test_warnings_of_accepted_requests_are_returned(tmp_path):
    answer = Reply(201, {}, {"Warning": '299 - "unknown field \\"spec.y\\""'})
    with opened_cluster(tmp_path, lambda _: answer) as (cluster, _):
        assert cluster.exchange("POST", PATH, body={}).warnings == ['unknown field "spec.y"']


def test_unknown_paths_are_answered_in_plain_text(tmp_path):
    answer = Reply(404, b"404 page not found\n", {"Content-Type": "text/plain"})
    with (
        opened_cluster(tmp_path, lambda _: answer) as (cluster, _),
        pytest.raises(ApiError, match="page not found") as caught,
    ):
        cluster.request("GET", PATH)

    assert caught.value.reason == UNKNOWN_PATH


PLUGIN = """
import json, pathlib, sys
counter = pathlib.Path(sys.argv[1])
counter.write_text(counter.read_text() + "x" if counter.exists() else "x")
status = {"token": f"t{len(counter.read_text())}"}
print(json.dumps({"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
                  "status": status}))
"""


def plugin_user(folder: Path) -> dict[str, object]:
    (folder / "plugin.py").write_text(PLUGIN, encoding="utf-8")
    arguments = [str(folder / "plugin.py"), str(folder / "count")]
    return {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": sys.executable,
            "args": arguments,
        }
    }


def test_refused_credentials_are_loaded_again_once(tmp_path):
    """The client's own hook would put the expired token back."""

    def answer(request):
        if request.headers["Authorization"] == "Bearer t2":
            return Reply(200, {"a": 1})
        return status(401, "Unauthorized", "Unauthorized")

    with opened_cluster(tmp_path, answer, user=plugin_user(tmp_path)) as (cluster, server):
        assert cluster.request("GET", PATH) == {"a": 1}
        assert cluster.request("GET", PATH) == {"a": 1}

    sent = [request.headers["Authorization"] for request in server.requests]
    assert sent == ["Bearer t1", "Bearer t2", "Bearer t2"]


def test_credentials_that_stay_refused_are_an_error(tmp_path):
    answer = status(401, "Unauthorized", "Unauthorized")
    with opened_cluster(tmp_path, lambda _: answer) as (cluster, server):
        with pytest.raises(ApiError) as caught:
            cluster.request("GET", PATH)

        assert len(server.requests) == 2
    assert caught.value.status == 401


def test_a_plugin_that_fails_later_is_named(tmp_path):
    """The user has to log in again, which the plugin says, and not the server."""

    def answer(_):
        (tmp_path / "plugin.py").write_text("raise SystemExit('log in')", encoding="utf-8")
        return status(401, "Unauthorized", "Unauthorized")

    with (
        opened_cluster(tmp_path, answer, user=plugin_user(tmp_path)) as (cluster, _),
        pytest.raises(ApiError, match=r"Unauthorized; the .* plugin .*: log in") as caught,
    ):
        cluster.request("GET", PATH)

    assert caught.value.status == 401


def test_a_proxy_that_is_away_is_named(tmp_path):
    file = write_kubeconfig(tmp_path / "kubeconfig", "http://10.0.0.1")
    config = yaml.safe_load(file.read_text(encoding="utf-8"))
    config["clusters"][0]["cluster"]["proxy-url"] = "http://127.0.0.1:1"
    file.write_text(yaml.safe_dump(config), encoding="utf-8")
    cluster = Cluster(find_login(str(file), None), ClusterSettings())
    with pytest.raises(ApiError, match="cannot be reached through the proxy: connection refused"):
        cluster.request("GET", PATH, give_up=0)
    cluster.close()


def test_a_server_that_is_away_is_named(tmp_path):
    file = write_kubeconfig(tmp_path / "kubeconfig", "http://127.0.0.1:1")
    cluster = Cluster(find_login(str(file), None), ClusterSettings())
    with pytest.raises(ApiError) as caught:
        cluster.request("GET", "/version", give_up=0)

    assert caught.value.message == "http://127.0.0.1:1 does not answer: connection refused"
    cluster.close()


def test_closing_ends_waiting(tmp_path):
    """The pause that the server asks for is ten minutes."""

    def answer(_):
        cluster.close()
        return Reply(429, b"", {"Retry-After": "600"})

    with opened_cluster(tmp_path, answer, give_up=1e6) as (cluster, server):
        with pytest.raises(ApiError):
            cluster.request("GET", PATH)
        with pytest.raises(ApiError, match="is closed"):
            cluster.request("GET", PATH)

        assert len(server.requests) == 1


def test_requests_are_limited_in_rate(tmp_path):
    time = FakeTime()
    with opened_cluster(
        tmp_path, lambda _: Reply(), time=time, requests_per_second=2, burst=3
    ) as (cluster, _):
        for _ in range(7):
            cluster.request("GET", PATH)

    assert time.slept == [0.5] * 4
    assert cluster.requests == 7


def test_a_stream_yields_data_as_it_arrives(tmp_path):
    chunks = Chunks([b"one\n", b"two\n"], "hang")
    with (
        opened_cluster(tmp_path, lambda _: chunks) as (cluster, server),
        cluster.stream(PATH, silence=60) as stream,
    ):
        data = iter(stream)
        assert [next(data), next(data)] == [b"one\n", b"two\n"]

        server.hanging.get()
        stream.close()
        assert list(data) == []


def test_a_stream_that_breaks_is_an_error(tmp_path):
    with (
        opened_cluster(tmp_path, lambda _: Chunks([b"one"], "drop")) as (cluster, _),
        cluster.stream(PATH, silence=60) as stream,
    ):
        data = iter(stream)
        assert next(data) == b"one"
        with pytest.raises(ApiError) as caught:
            next(data)

    assert caught.value.status == 0


def test_a_silent_stream_is_an_error(tmp_path):
    with (
        opened_cluster(tmp_path, lambda _: Chunks([b"one"], "hang")) as (cluster, _),
        cluster.stream(PATH, silence=0.05) as stream,
        pytest.raises(ApiError, match="no answer in time"),
    ):
        list(stream)


def test_a_refused_stream_is_an_error(tmp_path):
    with (
        opened_cluster(tmp_path, lambda _: status(400, "BadRequest", "waits")) as (cluster, _),
        pytest.raises(ApiError, match="waits"),
        cluster.stream(PATH, silence=60),
    ):
        pass

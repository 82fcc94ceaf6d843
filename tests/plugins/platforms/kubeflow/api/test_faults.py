"""Faults of a whole API server: outages, lost answers, expired tokens and versions, TLS."""

import sys
import threading
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from typing import Any

import pytest
import yaml

from sweepwright.plugins.platforms.kubeflow.api.cluster import ClusterSettings, open_cluster
from sweepwright.plugins.platforms.kubeflow.api.errors import ApiError
from sweepwright.plugins.platforms.kubeflow.api.log_follower import LogFollower
from sweepwright.plugins.platforms.kubeflow.api.notices import (
    Changed,
    Deleted,
    Interrupted,
    Listed,
    LogEnded,
    LogItems,
    Resumed,
)
from sweepwright.plugins.platforms.kubeflow.api.reflector import Reflector
from sweepwright.plugins.platforms.kubeflow.api.resources import CONFIG_MAP, POD
from sweepwright.runner_client.pods.log_reader import Record
from sweepwright.testing.kubernetes import ApiServer, Deletion, certificates
from sweepwright.testing.kubernetes.store.resources import CONFIG_MAPS, PODS
from tests.plugins.platforms.kubeflow.api.test_log_follower import line, records

SECONDS = 20
PATH = CONFIG_MAP.path("lab")
CONFIG = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}}


def test_a_create_whose_answer_was_lost_meets_the_object(server, connect):
    server.faults.lose_answers(verb="create", resource="configmaps")
    with pytest.raises(ApiError) as caught:
        connect().request("POST", PATH, body=CONFIG)

    assert (caught.value.status, caught.value.reason) == (409, "AlreadyExists")
    assert len(server.store.list(CONFIG_MAPS, "lab")) == 1


def test_errors_of_the_server_are_outlasted(server, connect):
    server.faults.throttle(times=2, retry_after=0, verb="create")
    server.faults.answer(500, times=2, verb="create")
    created = connect().request("POST", PATH, body=CONFIG)

    assert created["metadata"]["uid"]
    assert server.requests.count("create", "configmaps") == 5


def test_a_restart_of_the_server_is_outlasted(server, connect):
    cluster = connect()
    cluster.request("GET", PATH)
    found: SimpleQueue[Any] = SimpleQueue()
    with server.faults.outage():
        thread = threading.Thread(target=lambda: found.put(cluster.request("GET", PATH)))
        thread.start()
    thread.join(SECONDS)

    assert found.get(timeout=SECONDS)["kind"] == "ConfigMapList"


def test_a_token_that_expires_is_replaced_by_the_plugin(server, connect, tmp_path):
    script = tmp_path / "plugin.py"
    token = tmp_path / "token"
    script.write_text(
        "import json, pathlib, sys\n"
        "status = {'token': pathlib.Path(sys.argv[1]).read_text()}\n"
        "print(json.dumps({'apiVersion': 'client.authentication.k8s.io/v1', 'status': status}))",
        encoding="utf-8",
    )
    token.write_text(server.token, encoding="utf-8")
    command = {"command": sys.executable, "args": [str(script), str(token)]}
    user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", **command}}
    cluster = connect(user=user)
    cluster.request("GET", PATH)
    server.tokens.add("second", "admin")
    token.write_text("second", encoding="utf-8")
    server.tokens.expire(server.token)

    assert cluster.request("GET", PATH)["kind"] == "ConfigMapList"


@contextmanager
def reflecting(cluster):
    notices: SimpleQueue[Any] = SimpleQueue()
    reflector = Reflector(cluster, POD, "sweep=x", notices.put)
    reflector.start()
    try:
        yield lambda: notices.get(timeout=SECONDS)
    finally:
        reflector.close()


def pod(name):
    return {
        "metadata": {"name": name, "labels": {"sweep": "x"}},
        "spec": {"containers": [{"name": "c", "image": "i"}], "nodeName": "n"},
    }


def until(get, kind):
    """Return the next notice of a kind."""
    while not isinstance(notice := get(), kind):
        pass
    return notice


def test_a_reflector_follows_the_pods_of_a_sweep(server, connect):
    server.store.create(PODS, "lab", pod("a"))
    server.store.create(PODS, "default", pod("other"))
    with reflecting(connect()) as get:
        assert list(get().objects) == ["a"]
        server.store.create(PODS, "lab", pod("b"))
        assert get().object["metadata"]["name"] == "b"
        server.store.delete(PODS, "lab", "a", deletion=Deletion(grace_seconds=0))
        assert isinstance(until(get, Deleted), Deleted)


def test_a_reflector_survives_dropped_watches_and_forgotten_versions(server, connect):
    with reflecting(connect()) as get:
        assert isinstance(get(), Listed)
        server.store.create(PODS, "lab", pod("a"))
        assert isinstance(get(), Changed)
        server.faults.drop_watches()
        server.store.create(PODS, "lab", pod("b"))
        assert until(get, Changed).object["metadata"]["name"] == "b"
        server.store.delete(PODS, "lab", "a", deletion=Deletion(grace_seconds=0))
        assert until(get, Deleted).object["metadata"]["name"] == "a"
        server.faults.expire_versions(within_watches=True)
        assert list(until(get, Listed).objects) == ["b"]
        server.store.create(PODS, "lab", pod("c"))
        assert until(get, Changed).object["metadata"]["name"] == "c"


def test_what_happens_during_an_outage_is_seen_after_it(server, connect):
    server.store.create(PODS, "lab", pod("a"))
    with reflecting(connect()) as get:
        assert isinstance(get(), Listed)
        with server.faults.outage():
            server.store.create(PODS, "lab", pod("b"))
            assert "does not answer" in until(get, Interrupted).reason
        assert isinstance(until(get, Resumed), Resumed)
        assert until(get, Changed).object["metadata"]["name"] == "b"


def test_a_log_is_followed_through_dropped_connections(server, connect):
    """Each copy of the log breaks in the middle of a record, a little later than the last."""
    whole = records(*range(1, 30), last=True)
    lengths = iter(range(100, len(whole), 150))
    hanging: SimpleQueue[str] = SimpleQueue()
    idle = threading.Event()

    def source(_pod, _query):
        length = next(lengths, len(whole))
        yield whole[:length]
        if length < len(whole):
            hanging.put("now")
            while not idle.wait(0.02):
                yield b""

    server.serve_logs(source)
    server.store.create(PODS, "lab", pod("a"))
    notices: SimpleQueue[Any] = SimpleQueue()
    follower = LogFollower(connect(), "a", "c", None, notices.put)
    follower.start()
    breaks = threading.Thread(target=drop_all, args=(server, hanging))
    breaks.start()
    numbers: list[int] = []
    while isinstance(notice := notices.get(timeout=SECONDS), LogItems):
        numbers += [item.at for item in notice.items if isinstance(item, Record)]
        follower.taken()
    hanging.put("")
    breaks.join(SECONDS)
    follower.close()

    assert notice == LogEnded("a")
    assert numbers == list(range(1, 30))
    assert line(1) in whole


def drop_all(server, hanging):
    """Drop a connection whenever a stream hangs."""
    while hanging.get(timeout=SECONDS):
        server.faults.drop_connections()


@pytest.fixture
def tls_server():
    with ApiServer(tls=True) as server:
        yield server


def tls_cluster(server, tmp_path, **changes):
    file = server.kubeconfig(tmp_path / "kubeconfig")
    config = yaml.safe_load(file.read_text(encoding="utf-8"))
    config["clusters"][0]["cluster"].update(changes)
    for key in [key for key, value in changes.items() if value is None]:
        del config["clusters"][0]["cluster"][key]
    file.write_text(yaml.safe_dump(config), encoding="utf-8")
    return open_cluster(ClusterSettings(kubeconfig=str(file)))


def test_a_server_is_trusted_by_its_authority(tls_server, tmp_path):
    cluster = tls_cluster(tls_server, tmp_path)
    assert cluster.request("GET", "/version")["major"] == "1"
    cluster.close()


def test_connections_do_not_load_certificates_each(tls_server, tmp_path, monkeypatch):
    """The certificates of a system are many, and a driver holds hundreds of connections."""
    cluster = tls_cluster(tls_server, tmp_path)
    monkeypatch.setattr("urllib3.connection.create_urllib3_context", None)
    watched = POD.path("default")
    with cluster.stream(watched, {"watch": True}, silence=SECONDS):
        assert cluster.request("GET", "/version")["major"] == "1"
    cluster.close()


def test_a_server_of_an_unknown_authority_is_not_trusted(tls_server, tmp_path):
    other = tmp_path / "other.pem"
    other.write_bytes(certificates.other_authority())
    change = {"certificate-authority-data": None, "certificate-authority": str(other)}
    cluster = tls_cluster(tls_server, tmp_path, **change)
    with pytest.raises(ApiError) as caught:
        cluster.request("GET", "/version")
    cluster.close()

    assert caught.value.reason == "Certificate"
    assert "needs the right `certificate-authority-data`" in caught.value.message
    assert tls_server.requests.count() == 0


def test_a_kubeconfig_may_ask_for_no_verification(tls_server, tmp_path):
    change = {"certificate-authority-data": None, "insecure-skip-tls-verify": True}
    cluster = tls_cluster(tls_server, tmp_path, **change)
    assert cluster.request("GET", "/version")["major"] == "1"
    cluster.close()


def test_a_certificate_of_another_host_is_not_trusted(tls_server, tmp_path):
    cluster = tls_cluster(tls_server, tmp_path, **{"tls-server-name": "other.example"})
    with pytest.raises(ApiError, match="`tls-server-name` in the kubeconfig names the host"):
        cluster.request("GET", "/version")
    cluster.close()


def test_a_server_without_tls_is_told(server, tmp_path):
    file = server.kubeconfig(tmp_path / "kubeconfig")
    text = file.read_text(encoding="utf-8").replace("http://", "https://")
    file.write_text(text, encoding="utf-8")
    cluster = open_cluster(ClusterSettings(kubeconfig=str(file)))
    with pytest.raises(ApiError, match="does not speak TLS on this port"):
        cluster.request("GET", "/version")
    cluster.close()


def test_streams_over_tls_are_cut_without_losing_what_has_arrived(tls_server, tmp_path):
    sent, idle = threading.Event(), threading.Event()

    def source(_pod, _query):
        yield b"x" * 100_000
        sent.set()
        while not idle.wait(0.02):
            yield b""

    tls_server.serve_logs(source)
    tls_server.store.create(PODS, "default", pod("a"))
    cluster = tls_cluster(tls_server, tmp_path)
    received = 0
    with cluster.stream(POD.path("default", "a", "log"), {"follow": True}, silence=60) as stream:
        parts = iter(stream)
        received += len(next(parts))
        sent.wait(SECONDS)
        stream.cut()
        with suppress(ApiError):
            for part in parts:
                received += len(part)
    cluster.close()

    assert received == 100_000

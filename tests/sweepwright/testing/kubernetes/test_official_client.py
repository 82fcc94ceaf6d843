"""The official client against the server: watches, patches, certificates, credentials."""

import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

from sweepwright.testing.kubernetes import ApiServer
from sweepwright.testing.kubernetes.certificates import other_authority
from sweepwright.testing.kubernetes.store.resources import CONFIG_MAPS
from tests.sweepwright.testing.kubernetes.objects import config_map, job, pod, pytorch_job

kubernetes = pytest.importorskip("kubernetes")
PYTORCH = ("kubeflow.org", "v1", "default", "pytorchjobs")


@pytest.fixture
def client(server: ApiServer, tmp_path: Path) -> Iterator[Any]:
    with new_client(server.kubeconfig(tmp_path / "config")) as client:
        yield client


def new_client(path: Path) -> Any:
    return kubernetes.config.new_client_from_config(str(path))


def test_objects_of_all_kinds_come_and_go(client: Any) -> None:
    core, batch = kubernetes.client.CoreV1Api(client), kubernetes.client.BatchV1Api(client)
    custom = kubernetes.client.CustomObjectsApi(client)
    created = core.create_namespaced_config_map("default", config_map("a"))
    assert core.read_namespaced_config_map("a", "default").metadata.uid == created.metadata.uid
    core.create_namespaced_pod("default", pod())
    assert core.list_namespaced_pod("default").items[0].status.phase == "Pending"
    assert core.read_namespaced_pod_log("pod", "default") in {"", None}
    batch.create_namespaced_job("default", job())
    assert batch.read_namespaced_job("job", "default").spec.backoff_limit == 6
    custom.create_namespaced_custom_object(*PYTORCH, pytorch_job("a"))
    patched = custom.patch_namespaced_custom_object(
        *PYTORCH, "a", {"metadata": {"labels": {"x": "y"}}}
    )
    assert patched["metadata"]["labels"] == {"x": "y"}
    custom.delete_namespaced_custom_object(*PYTORCH, "a", propagation_policy="Background")
    assert custom.list_namespaced_custom_object(*PYTORCH)["items"] == []
    assert kubernetes.client.VersionApi(client).get_code().git_version == "v1.36.2"


def test_an_error_has_the_servers_words(client: Any) -> None:
    custom = kubernetes.client.CustomObjectsApi(client)
    custom.create_namespaced_custom_object(*PYTORCH, pytorch_job("a"))
    with pytest.raises(kubernetes.client.ApiException) as caught:
        custom.create_namespaced_custom_object(*PYTORCH, pytorch_job("a"))
    assert caught.value.status == 409
    assert json.loads(caught.value.body)["reason"] == "AlreadyExists"


def test_a_watch_of_the_client_goes_on_after_it_was_dropped(
    server: ApiServer, client: Any
) -> None:
    core = kubernetes.client.CoreV1Api(client)
    watch = kubernetes.watch.Watch()
    core.create_namespaced_config_map("default", config_map("a"))
    seen = []
    for event in watch.stream(core.list_namespaced_config_map, "default"):
        seen.append((event["type"], event["object"].metadata.name))
        if len(seen) == 1:
            server.add_namespace("other")
            core.create_namespaced_config_map("default", config_map("b"))
        else:
            watch.stop()
    assert seen == [("ADDED", "a"), ("ADDED", "b")]


@pytest.fixture
def secure() -> Iterator[ApiServer]:
    pytest.importorskip("cryptography")
    with ApiServer(tls=True) as server:
        yield server


def test_the_servers_certificate_is_that_of_its_authority(
    secure: ApiServer, tmp_path: Path
) -> None:
    with new_client(secure.kubeconfig(tmp_path / "config")) as client:
        listed = kubernetes.client.CoreV1Api(client).list_namespace()
        assert [item.metadata.name for item in listed.items] == ["default"]
        events = kubernetes.watch.Watch().stream(
            kubernetes.client.CoreV1Api(client).list_namespace, timeout_seconds=1
        )
        assert [event["type"] for event in events] == ["ADDED"]


def test_a_certificate_of_an_unknown_authority_is_rejected(
    secure: ApiServer, tmp_path: Path
) -> None:
    path = secure.kubeconfig(tmp_path / "config", authority=other_authority())
    refusals = (kubernetes.client.ApiException, urllib3.exceptions.HTTPError)
    with new_client(path) as client:
        core = kubernetes.client.CoreV1Api(client)
        client.rest_client.pool_manager.connection_pool_kw["retries"] = False
        with pytest.raises(refusals, match="CERTIFICATE_VERIFY_FAILED"):
            core.list_namespace()


def test_connections_over_tls_are_dropped(secure: ApiServer, tmp_path: Path) -> None:
    with new_client(secure.kubeconfig(tmp_path / "config")) as client:
        core = kubernetes.client.CoreV1Api(client)
        response = core.list_namespace(watch=True, _preload_content=False)
        secure.faults.drop_connections()
        with pytest.raises(urllib3.exceptions.ProtocolError):
            response.read()


def test_credentials_can_come_from_a_plugin(server: ApiServer, tmp_path: Path) -> None:
    status = {"token": server.token}
    credential = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "status": status,
    }
    plugin = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": sys.executable,
        "args": ["-c", f"print({json.dumps(credential)!r})"],
        "interactiveMode": "Never",
    }
    path = server.kubeconfig(tmp_path / "config", user={"exec": plugin})
    with new_client(path) as client:
        assert kubernetes.client.CoreV1Api(client).list_namespaced_pod("default").items == []


@pytest.mark.parametrize("streams", [50, pytest.param(500, marks=pytest.mark.ci_only)])
def test_many_streams_are_served_at_once(server: ApiServer, streams: int) -> None:
    started, told = threading.Semaphore(0), threading.Semaphore(0)

    def follow() -> None:
        with urllib3.PoolManager() as pool:
            url = f"{server.url}/api/v1/namespaces/default/configmaps?watch=true&resourceVersion=0"
            headers = {"Authorization": f"Bearer {server.token}"}
            response = pool.request("GET", url, headers=headers, preload_content=False)
            started.release()
            response.read(1)
            told.release()
            response.close()

    threads = [threading.Thread(target=follow) for _ in range(streams)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert started.acquire(timeout=60)
    server.create(CONFIG_MAPS, "default", config_map("a"))
    for _ in threads:
        assert told.acquire(timeout=60)
    for thread in threads:
        thread.join()

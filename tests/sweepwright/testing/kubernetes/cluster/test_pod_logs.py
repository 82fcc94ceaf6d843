"""Logs of pods over HTTP, through the official client."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from sweepwright.testing.kubernetes import StatusError
from sweepwright.testing.kubernetes.cluster import KubeletSettings
from tests.sweepwright.testing.kubernetes.cluster.cluster_harness import (
    ClusterHarness,
    run_pod,
    scripted,
)

kubernetes = pytest.importorskip("kubernetes")


@pytest.fixture
def harness():
    with scripted() as harness:
        yield harness


@pytest.fixture
def api(harness: ClusterHarness) -> Iterator[Any]:
    configuration = kubernetes.client.Configuration(host=harness.server.url)
    configuration.api_key = {"authorization": f"Bearer {harness.server.token}"}
    with kubernetes.client.ApiClient(configuration) as client:
        yield kubernetes.client.CoreV1Api(client)


def read(api: Any, **options: Any) -> bytes:
    response = api.read_namespaced_pod_log("pod", "default", _preload_content=False, **options)
    data: bytes = response.data
    response.close()
    return data


def refused(api: Any, **options: Any) -> tuple[int, str]:
    with pytest.raises(kubernetes.client.ApiException) as error:
        read(api, **options)
    return error.value.status, str(error.value.body)


def test_a_log_is_what_the_container_wrote(harness: ClusterHarness, api: Any):
    run_pod(harness, TEXT="one\ntwo\nthree\n")
    harness.running()
    harness.until(lambda: harness.log("pod"))

    assert read(api) == b"one\ntwo\nthree\n"
    assert read(api, tail_lines=2) == b"two\nthree\n"
    assert read(api, tail_lines=0) == b""
    assert read(api, limit_bytes=5) == b"one\nt"


def test_lines_have_times(harness: ClusterHarness, api: Any):
    run_pod(harness, TEXT="one\ntwo\n")
    harness.until(lambda: harness.running() and harness.log("pod"))
    lines = read(api, timestamps=True).decode().splitlines()
    when = datetime.fromisoformat(lines[0].split()[0])

    assert [line.split()[1] for line in lines] == ["one", "two"]
    assert abs((datetime.now(UTC) - when).total_seconds()) < 60
    assert read(api, since_seconds=1000) == b"one\ntwo\n"


def test_since_leaves_out_older_lines(harness: ClusterHarness):
    run_pod(harness, TEXT="one\n")
    harness.until(lambda: harness.running() and harness.log("pod"))

    assert harness.log("pod", since_time="2000-01-01T00:00:00Z") == b"one\n"
    assert harness.log("pod", since_time="2999-01-01T00:00:00Z") == b""


def test_a_pod_without_a_node_has_an_empty_log(harness: ClusterHarness, api: Any):
    harness.faults.pause_scheduling()
    run_pod(harness)

    assert read(api) == b""


def test_a_container_that_waits_has_no_log(harness: ClusterHarness, api: Any):
    harness.faults.break_image("broken")
    run_pod(harness, image="broken")
    harness.event("Failed")
    status, body = refused(api)

    assert status == 400
    assert "is waiting to start: " in body


def test_a_pod_that_does_not_exist_has_no_log(api: Any):
    assert refused(api)[0] == 404


def test_options_that_contradict_one_another_are_refused(harness: ClusterHarness):
    run_pod(harness, TEXT="one\n")
    harness.running()

    with pytest.raises(StatusError, match="at most one of `sinceTime` or `sinceSeconds`"):
        harness.log("pod", since_time="2000-01-01T00:00:00Z", since_seconds=5)
    with pytest.raises(StatusError, match="previous terminated container"):
        harness.log("pod", previous=True)


def test_a_lost_log_is_said_to_be_lost_in_the_log_itself(harness: ClusterHarness, api: Any):
    run_pod(harness, TEXT="one\n")
    harness.running()
    harness.faults.lose_log("pod")

    assert read(api).startswith(b"unable to retrieve container logs for containerd://")


def test_the_log_of_a_lost_node_cannot_be_read(harness: ClusterHarness, api: Any):
    run_pod(harness)
    harness.running()
    harness.faults.lose_node("node-1", deletion_seconds=1000)
    status, body = refused(api)

    assert status == 500
    assert "no route to host" in body


def test_rotation_hides_what_was_written_before(harness: ClusterHarness, api: Any):
    run_pod(harness, TEXT="one\n")
    harness.until(lambda: harness.running() and harness.log("pod"))
    harness.faults.rotate_log("pod")

    assert read(api) == b""


def test_a_followed_log_ends_with_its_container(harness: ClusterHarness, api: Any):
    run_pod(harness, TEXT="one\n", SECONDS=0.1)
    harness.running()

    assert read(api, follow=True) == b"one\n"


def test_a_followed_log_ends_when_the_pod_is_deleted(harness: ClusterHarness, api: Any):
    run_pod(harness, TEXT="one\n")
    harness.running()
    seen: list[bytes] = []
    reader = threading.Thread(target=lambda: seen.append(read(api, follow=True)))
    reader.start()
    harness.until(lambda: harness.server.requests.count("get", "pods/log"))
    harness.faults.delete_pod("pod")
    reader.join(20)

    assert seen == [b"one\n"]


def test_the_log_of_the_previous_run_can_be_read():
    slow = KubeletSettings(restart_seconds=1000)
    with scripted(settings=slow) as other:
        run_pod(other, TEXT="one\n", SECONDS=0, CODE=1, restartPolicy="OnFailure")
        other.event("BackOff")

        assert other.log("pod", previous=True) == b"one\n"
        assert other.log("pod") == b"one\n"

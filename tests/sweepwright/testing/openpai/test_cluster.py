"""The double answers as OpenPAI's server does."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sweepwright.testing.openpai.cluster import OpenPai
from sweepwright.testing.openpai.http_server import served
from sweepwright.testing.openpai.rate_limits import Limits

API = "/rest-server/api/v2"
LIMITS = Limits(requests_per_minute=1000, lists_per_minute=3, submissions_per_hour=4)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[OpenPai]:
    users = {"alice": "a", "bob": "b"}
    with served(OpenPai(tmp_path, users=users, limits=LIMITS)) as cluster:
        yield cluster


def protocol(
    name: str = "j", *commands: str, roles: dict[str, Any] | None = None
) -> dict[str, Any]:
    role = {
        "dockerImage": "image",
        "resourcePerInstance": {"cpu": 1, "memoryMB": 10, "gpu": 0},
        "commands": list(commands) or ["true"],
    }
    return {
        "protocolVersion": 2,
        "name": name,
        "type": "job",
        "prerequisites": [{"name": "image", "type": "dockerimage", "uri": "python:3.11"}],
        "taskRoles": {key: {**role, **value} for key, value in (roles or {"main": {}}).items()},
    }


def call(
    cluster: OpenPai, method: str, path: str, body: Any = None, as_user: str = "alice"
) -> tuple[int, Any, dict[str, str]]:
    data = None if body is None else json.dumps(body).encode()
    url = f"{cluster.url}{path if path.startswith('/log-') else API + path}"
    request = urllib.request.Request(url, data, method=method)  # noqa: S310 - loopback
    request.add_header("Authorization", f"Bearer {cluster.users.get(as_user)}")
    request.add_header("Content-Type", "text/yaml")
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - loopback
            return answer.status, answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read(), dict(error.headers)


def submit(cluster: OpenPai, body: Any, as_user: str = "alice") -> tuple[int, str]:
    status, answer, _ = call(cluster, "POST", "/jobs", body, as_user)
    return status, answer.decode()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "a b"}, "pattern"),
        ({"unknown": 1}, "additional properties"),
        ({"protocolVersion": 3}, "allowed values"),
        ({"jobRetryCount": -1}, ">= 0"),
        ({"taskRoles": {}}, "fewer than 1"),
        ({"prerequisites": []}, "does not exist"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_an_invalid_job_is_rejected(cluster: OpenPai, changes: dict[str, Any], words: str) -> None:
    status, answer = submit(cluster, {**protocol(), **changes})

    assert status == 400
    assert json.loads(answer)["code"] == "InvalidProtocolError"
    assert words in answer


@pytest.mark.parametrize(
    ("role", "changes"),
    [
        ("a-b", {}),
        ("a", {"resourcePerInstance": {"cpu": 0.5, "memoryMB": 1, "gpu": 0}}),
        ("a", {"resourcePerInstance": {"cpu": 1, "memoryMB": 1}}),
        ("a", {"commands": []}),
        ("a", {"instances": 0}),
        ("a", {"completion": {"minFailedInstances": "1"}}),
        ("a", {"surprise": 1}),
    ],
)
def test_an_invalid_role_is_rejected(cluster: OpenPai, role: str, changes: dict[str, Any]) -> None:
    assert submit(cluster, protocol(roles={role: changes}))[0] == 400


def test_a_name_is_never_free_again(cluster: OpenPai) -> None:
    assert submit(cluster, protocol())[0] == 202
    cluster.wait_for("j", "SUCCEEDED")

    assert submit(cluster, protocol())[0] == 409
    assert submit(cluster, protocol(), as_user="bob")[0] == 202


def test_requests_are_counted_in_windows(cluster: OpenPai) -> None:
    """``Retry-After`` is the whole window; ``X-RateLimit-Reset`` is when it ends."""
    cluster.clock.advance(60.0 - cluster.clock() % 60.0 + 50.0)
    statuses = [call(cluster, "GET", "/jobs")[0] for _ in range(3)]
    status, body, headers = call(cluster, "GET", "/jobs")

    assert statuses == [200] * 3
    assert (status, body) == (429, b"Too many requests, please try again later.")
    assert headers["Retry-After"] == "60"
    assert 0 < float(headers["X-RateLimit-Reset"]) - cluster.clock() <= 10
    assert call(cluster, "GET", "/jobs", as_user="bob")[0] == 200
    cluster.clock.advance(10)
    assert call(cluster, "GET", "/jobs")[0] == 200


def test_a_job_is_stopped_by_its_user_alone(cluster: OpenPai) -> None:
    submit(cluster, protocol("j", "sleep 600"))
    job = cluster.wait_for("j", "RUNNING")
    path = "/jobs/alice~j/executionType"

    assert call(cluster, "PUT", path, {"value": "STOP"}, as_user="bob")[0] == 403
    assert call(cluster, "PUT", path, {"value": "PAUSE"})[0] == 400
    assert call(cluster, "PUT", path, {"value": "STOP"})[0] == 202
    assert job.state == "STOPPED"
    assert job.detail()["jobStatus"]["appExitCode"] == -210


def test_a_stranger_is_refused(cluster: OpenPai) -> None:
    status, body, _ = call(cluster, "GET", "/jobs", as_user="carol")

    assert status == 401
    assert json.loads(body)["code"] == "UnauthorizedUserError"


def test_a_long_submission_is_refused(cluster: OpenPai) -> None:
    assert submit(cluster, {**protocol(), "description": "x" * 102_400})[0] == 413


def test_templates_are_filled_in_and_roles_find_each_other(
    cluster: OpenPai, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    command = f"echo <% $parameters.word %> $PAI_HOST_IP_dataworker_1 >> {out}"
    roles: dict[str, Any] = {"main": {"commands": [command]}, "data_worker": {"instances": 2}}
    submit(cluster, {**protocol(roles=roles), "parameters": {"word": "hello"}})
    cluster.wait_for("j", "SUCCEEDED", "FAILED")

    assert out.read_text() == "hello 127.0.0.1\n"


def test_a_failed_task_ends_its_job(cluster: OpenPai) -> None:
    roles = {"main": {"commands": ["sleep 600"]}, "other": {"commands": ["exit 7"]}}
    submit(cluster, protocol(roles=roles))
    job = cluster.wait_for("j", "FAILED")
    status = job.detail()["jobStatus"]

    assert status["appExitCode"] == 7
    assert status["appExitTriggerTaskRoleName"] == "other"


def test_the_end_of_a_log_is_16_kib(cluster: OpenPai) -> None:
    submit(cluster, protocol("j", "head -c 20000 /dev/zero | tr '\\0' x"))
    cluster.wait_for("j", "SUCCEEDED")
    task = "/jobs/alice~j/attempts/0/taskRoles/main/taskIndex/0/attempts/0/logs"
    lengths = []
    for query in ("", "?tail-mode=true", "?tailMode=true"):
        found = json.loads(call(cluster, "GET", f"{task}{query}")[1])
        uri = next(each["uri"] for each in found["locations"] if each["name"] == "stdout")
        lengths.append(len(call(cluster, "GET", uri)[1]))

    assert lengths == [20_003, 16_386, 20_003]  # with a line break after each block

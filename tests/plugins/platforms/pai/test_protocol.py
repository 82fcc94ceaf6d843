"""Jobs in OpenPAI's job protocol, against its published schema and the rules of its server."""

import base64
import json
import random
import subprocess
import sys
import zlib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from sweepwright.contracts import Job, PythonFile, PythonModule, Role
from sweepwright.events import Attempt, Trial
from sweepwright.plugins.platforms.pai.inline_archive import KIT_BYTES, MAX_BODY, pack_code
from sweepwright.plugins.platforms.pai.options import PaiOptions, StorageOptions
from sweepwright.plugins.platforms.pai.rendering import PaiRenderer
from sweepwright.protocol import describe_attempt
from sweepwright.rendezvous import address_of, host_of, port_of
from sweepwright.testing.openpai.protocol_validation import entrypoint, faults_of

SEARCHED = [Path(__file__).parents[n] / "shared/openpai" for n in (4, 5)] + [
    Path("/work/shared/openpai")
]
SWEEP = "s1"
TEAM = StorageOptions("team", local="/data")
ROLES = (
    Role("master", PythonModule("sweepwright.trials.noop"), resources={"cpu": 1.5, "gpu": 1}),
    Role(
        "data-worker",
        PythonModule("sweepwright.trials.noop"),
        replicas=2,
        resources={"memory": 3e9},
        reports=False,
    ),
)
WIRED = {
    role: ({"MASTER": host_of("master", 0), "PORT": port_of("data-worker", 1)},) * count
    for role, count in (("master", 1), ("data-worker", 2))
}


@cache
def schema() -> Any:
    found = next((folder for folder in SEARCHED if folder.is_dir()), None)
    if found is None:
        pytest.skip("OpenPAI's schemas are not here: ../shared/openpai is absent")
    whole = yaml.safe_load((found / "protocol-v2.schema.yaml").read_text())
    return {**whole, "$ref": "#/components/schemas/JobProtocol"}


def job(value: Any = 1, **changes: Any) -> Job:
    attempt = Attempt(SWEEP, Trial(3, {"x": value}), 1)
    environment = {"SWEEPWRIGHT_TRIAL": describe_attempt(attempt)}
    roles = (Role("main", PythonModule("sweepwright.trials.noop")),)
    return replace(Job(attempt.job, roles, environment, trial=3), **changes)


def render(of: Job, **options: Any) -> Any:
    return PaiRenderer(PaiOptions(**options), SWEEP).render(of)


def sent(body: Any, role: str) -> Any:
    """Return the description of a job that a shell would give to the start program."""
    _, rest = entrypoint(body, role).split("\n", 1)
    quoted = subprocess.run(
        ["/bin/bash", "-c", f"exec cat <<'SWEEPWRIGHT'\n{rest}"], capture_output=True, check=True
    )
    line = quoted.stdout.split()[1]
    return json.loads(zlib.decompress(base64.b64decode(line)))["pod"]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"virtual_cluster": "research", "shared_memory": 1024, "image": "mine:1"},
        {"storages": (TEAM,), "files": "team", "code": "storage"},
        {"code": "image", "code_path": "/app", "secret_env": ("KEY",)},
    ],
    ids=["defaults", "cluster", "storage", "image"],
)
@pytest.mark.parametrize("roles", [job().roles, ROLES], ids=["one role", "two roles"])
def test_jobs_are_valid(options: dict[str, Any], roles: tuple[Role, ...]) -> None:
    body = render(job(roles=roles, kind="PyTorchJob"), **options)

    jsonschema.validate(body, schema())
    assert faults_of(body) == []
    assert len(json.dumps(body)) < MAX_BODY


def test_json_is_yaml() -> None:
    """What is sent as JSON is read as YAML: also what YAML would otherwise misread."""
    body = render(job({"y": "no", "é\u2028": "<% $parameters.x %>", "n": 1e-7, "t": "12:30:45"}))

    assert yaml.safe_load(json.dumps(body)) == body


def test_roles_become_task_roles() -> None:
    body = render(job(roles=ROLES, rendezvous=WIRED, kind="PyTorchJob"))
    master, worker = body["taskRoles"]["master"], body["taskRoles"]["data_worker"]

    assert master["completion"] == {"minFailedInstances": 1, "minSucceededInstances": 1}
    assert worker["completion"] == {"minFailedInstances": 1, "minSucceededInstances": -1}
    assert master["resourcePerInstance"] == {"cpu": 2, "memoryMB": 8192, "gpu": 1}
    assert worker["resourcePerInstance"] == {
        "cpu": 2,
        "memoryMB": 2862,
        "gpu": 0,
        "ports": {"sweepwright": 1},
    }
    assert worker["instances"] == 2
    assert (body["jobRetryCount"], master["taskRetryCount"], worker["taskRetryCount"]) == (0, 0, 0)


def test_the_image_depends_on_the_framework_and_on_gpus() -> None:
    kinds = (("PyTorchJob", 0), ("PyTorchJob", 1), ("TFJob", 0), (None, 0))
    images = [render(job(kind=kind), gpus=gpus)["prerequisites"][0]["uri"] for kind, gpus in kinds]

    assert [image.rpartition("/")[2].partition(":")[0] for image in images] == [
        "jupyter-pytorch-full",
        "jupyter-pytorch-cuda-full",
        "jupyter-tensorflow-full",
        "jupyter-scipy",
    ]


def test_nothing_of_a_user_is_changed_by_shell_or_templates() -> None:
    value = (
        "$(HOME) ${HOME} `id` '\"\\ <% $parameters.sweepwright %> \n\t é \u2028 \U0001f600 $$ %>"
    )
    body = render(job({value: value}), python=sys.executable)
    trial = sent(body, "main")["submission"]["environment"]["SWEEPWRIGHT_TRIAL"]

    assert json.loads(trial)["assignment"]["x"] == {value: value}


@pytest.mark.parametrize("count", [200, pytest.param(10_000, marks=pytest.mark.ci_only)])
def test_random_values_arrive_unchanged(count: int) -> None:
    """The command has a fixed form, in which only base64 differs from job to job."""
    draw = random.Random(7)  # noqa: S311 - no secret
    alphabet = [
        *map(chr, range(1, 256)),
        "\u2028",
        "\ud7ff",
        "\ufffd",
        "\U0001f600",
        "<%",
        "%>",
        "$(",
    ]
    renderer = PaiRenderer(PaiOptions(), SWEEP)
    shapes = set()
    for _ in range(count):
        value = "".join(draw.choices(alphabet, k=draw.randrange(40)))
        body = renderer.render(job(value))
        command = body["taskRoles"]["main"]["commands"][0]
        first, program, line, *rest = command.split("\n")
        shapes.add((first, program, *rest))
        pod = json.loads(zlib.decompress(base64.b64decode(line, validate=True)))["pod"]
        trial = pod["submission"]["environment"]["SWEEPWRIGHT_TRIAL"]

        assert json.loads(trial)["assignment"]["x"] == value
    assert len(shapes) == 1


def test_the_command_contains_nothing_that_kubernetes_or_openpai_expands() -> None:
    program = entrypoint(render(job(), python="python3"), "main")

    assert "$(" not in program
    assert "<%" not in program


def test_secrets_are_sent_by_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "hunter2")
    body = render(job(), secret_env=("KEY",))

    assert "hunter2" not in json.dumps(body)
    assert body["secrets"] == {"sweepwright": "the values of KEY"}
    assert "<% $secrets.sweepwright %>" in body["taskRoles"]["main"]["commands"][0]


def test_addresses_are_those_that_openpai_sets() -> None:
    body = render(
        job(roles=ROLES, rendezvous={"data-worker": ({"A": address_of("data-worker", 0)},) * 2}),
        python=sys.executable,
    )
    pod = sent(body, "data_worker")

    assert pod["wiring"] == [{"A": "<host of dataworker 0>:<port of dataworker 0>"}] * 2
    assert pod["addresses"] == {
        "host": "$PAI_HOST_IP_{role}_{rank}",
        "port": "$PAI_PORT_LIST_{role}_{rank}_sweepwright",
    }


def test_the_kit_leaves_room_for_code(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("")
    own = pack_code(str(tmp_path), (Role("main", PythonFile("train.py")),))
    built_in = pack_code(str(tmp_path), job().roles)

    assert len(own.inline) <= KIT_BYTES
    assert len(built_in.inline) <= MAX_BODY - 12 * 1024
    assert own.kit_hash != built_in.kit_hash

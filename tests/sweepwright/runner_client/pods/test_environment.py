"""The variable of a container describes one process of its job, and nothing of this machine."""

import json
from gzip import decompress
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from sweepwright.contracts import Command, Job, Role
from sweepwright.runner_client.code_archive import pack
from sweepwright.runner_client.code_listing import scan
from sweepwright.runner_client.pods.environment import (
    Addresses,
    ArchivedCode,
    PodInputs,
    gzipped,
    pod_environment,
)
from sweepwright.runner_client.submission import Renderer

MASTER = Role("master", Command(("a",)), resources={"gpu": 1, "memory": 1 << 30})
WORKER = Role("worker", Command(("b",)), replicas=2, reports=False)
JOB = Job(
    "s-3-1",
    (MASTER, WORKER),
    rendezvous={"worker": ({"PEER": "<host of master 0>"}, {"PEER": "1"})},
)
CODE = ArchivedCode("/input/code.tgz", "c" * 64, 99)


def pod_of(role: Role, **changes: Any) -> Any:
    inputs = PodInputs("/input/kit.tgz", "k" * 64, CODE, "/scratch")
    given = {name: changes.get(name, getattr(inputs, name)) for name in inputs.__slots__}
    submission = Renderer.for_other_machines(2).render(JOB)
    return json.loads(pod_environment(JOB, role, submission, PodInputs(**given), "sweep-1"))


def test_it_has_one_process_of_the_role() -> None:
    pod = pod_of(WORKER)
    [process] = pod["submission"]["processes"]

    assert (pod["job"], pod["sweep"], pod["role"], pod["reports"]) == (
        *("s-3-1", "sweep-1", "worker", False),
    )
    assert (process["role"], process["rank"]) == ("worker", 0)
    assert pod["submission"]["part"] is True


def test_what_the_cluster_grants_is_not_granted_again() -> None:
    [process] = pod_of(MASTER)["submission"]["processes"]

    assert process["resources"] == {}
    assert process["memory"] == 1 << 30


def test_addresses_are_left_to_the_operator_unless_they_are_given() -> None:
    addresses = Addresses("{role}-{rank}.sweep", "29500")

    assert pod_of(WORKER)["wiring"] == []
    assert pod_of(WORKER, addresses=addresses)["wiring"] == [
        {"PEER": "<host of master 0>"},
        {"PEER": "1"},
    ]


@pytest.mark.parametrize(
    ("files", "written"),
    [
        (None, None),
        ("/volume/sweep-1", {"folder": "/volume/sweep-1"}),
        ("s3://bucket/sweep-1", {"url": "s3://bucket/sweep-1"}),
    ],
)
def test_checkpoints_are_kept_in_a_folder_or_at_a_url(files: str | None, written: Any) -> None:
    assert pod_of(MASTER, files=files)["files"] == written


def test_code_is_an_archive_or_a_folder() -> None:
    assert pod_of(MASTER)["code"] == {
        "archive": "/input/code.tgz",
        "hash": "c" * 64,
        "size": 99,
    }
    assert pod_of(MASTER, code="/app")["code"] == {"folder": "/app"}


def test_it_is_the_same_each_time() -> None:
    assert pod_of(MASTER) == pod_of(MASTER)


def test_compressed_code_is_the_same_each_time(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("x = 1\n" * 1000)
    with pack(scan(tmp_path)) as archive:
        compressed = gzipped(archive)

        assert gzipped(archive) == compressed
        assert len(compressed) < archive.size
        assert sha256(decompress(compressed)).hexdigest() == archive.hash

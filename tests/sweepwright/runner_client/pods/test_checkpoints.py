"""The processes of a job find one another, and one of them leaves a checkpoint for the next."""

import os
import sys
from pathlib import Path

import pytest

from sweepwright.contracts import PythonFile, Role
from sweepwright.events import CheckpointRef
from tests.optional_packages import require
from tests.sweepwright.runner_client.pods.pod_harness import Cluster, job_of, reported, wait_for

CHECKPOINT = """
import pathlib
import sweepwright as nni
inherited = nni.inherited_dir()
path = pathlib.Path("step")
step = int((pathlib.Path(inherited) / "deep/step").read_text()) if inherited else 0
deep = pathlib.Path(nni.checkpoint_dir(), "deep")
deep.mkdir()
(deep / "step").write_text(str(step + 1))
nni.report_final_result(step)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_job_waits_for_space_on_its_volume(cluster: Cluster) -> None:
    files = cluster.folder / "files"
    files.mkdir()
    cluster.files = str(files)
    pod = cluster.pod(cluster.job(CHECKPOINT))
    fill = """
mount -t tmpfs -o nr_inodes=20 none "$0" && cd "$0" && touch $(seq 19) && cd / && exec "$@"
"""
    process = pod.start(wrapper=["unshare", "--mount", "sh", "-c", fill, str(files)])
    wait_for(lambda: b"waiting" in pod.log.read_bytes())
    for path in Path(f"/proc/{process.pid}/root{files}").glob("[0-9]*"):
        path.unlink()
    done = pod.finish()

    assert done.kinds == ["waiting", "launched", "output", "ended"]
    assert done.events[0]["refusal"] == "No space left on device"
    assert done.failure is None


@pytest.mark.parametrize("place", ["folder", "url"])
def test_a_promoted_trial_continues_from_its_checkpoint(
    cluster: Cluster, tmp_path: Path, place: str
) -> None:
    files = tmp_path / "files"
    if place == "url":
        require("fsspec")
    cluster.files = f"file://{files}" if place == "url" else str(files)
    first = cluster.run(CHECKPOINT)
    second = cluster.run(CHECKPOINT, attempt=2, inherits=CheckpointRef(0, 1))

    assert reported(first.events) == [0]
    assert reported(second.events) == [1]
    assert (files / "trials/0/1/checkpoint/deep/step").read_text() == "1"
    assert (files / "trials/0/2/checkpoint/deep/step").read_text() == "2"


def test_a_checkpoint_without_its_marker_is_not_inherited(
    cluster: Cluster, tmp_path: Path
) -> None:
    require("fsspec")
    cluster.files = f"file://{tmp_path}/files"
    cluster.run(CHECKPOINT)
    (tmp_path / "files/trials/0/1/checkpoint.json").unlink()

    done = cluster.run(CHECKPOINT, attempt=2, inherits=CheckpointRef(0, 1))
    assert reported(done.events) == [0]


def test_a_damaged_checkpoint_is_told(cluster: Cluster, tmp_path: Path) -> None:
    require("fsspec")
    cluster.files = f"file://{tmp_path}/files"
    cluster.run(CHECKPOINT)
    (tmp_path / "files/trials/0/1/checkpoint/deep/step").write_text("123")

    done = cluster.run(CHECKPOINT, attempt=2, inherits=CheckpointRef(0, 1))
    assert done.failure == {
        "kind": "lost",
        "message": "its inherited checkpoint cannot be fetched: "
        "ValueError: `deep/step` has 3 of 1 bytes",
    }


def test_a_failed_attempt_leaves_no_checkpoint(cluster: Cluster, tmp_path: Path) -> None:
    require("fsspec")
    cluster.files = f"file://{tmp_path}/files"
    cluster.run(f"{CHECKPOINT}\nraise SystemExit(1)")

    assert not (tmp_path / "files").exists()


def test_a_missing_fsspec_is_told(cluster: Cluster, tmp_path: Path) -> None:
    cluster.files = "s3://bucket/prefix"
    (tmp_path / "none" / "fsspec").mkdir(parents=True)
    (tmp_path / "none" / "fsspec" / "__init__.py").write_text("raise ImportError('none')")
    done = cluster.pod(cluster.job(CHECKPOINT)).run(PYTHONPATH=str(tmp_path / "none"))

    assert done.kinds == ["refused"]
    assert "need the package fsspec in the image" in done.events[0]["reason"]


def test_two_roles_find_each_other_and_only_one_reports(cluster: Cluster) -> None:
    """The worker starts first; the master's checkpoint is none of its business."""
    (cluster.code / "master.py").write_text("""
import os, socket, sweepwright as nni
server = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
connection, _ = server.accept()
open(os.path.join(nni.checkpoint_dir(), "kept"), "w").close()
connection.sendall(b"go")
assert connection.recv(9) == b"bye"
nni.report_final_result(5)
""")
    (cluster.code / "worker.py").write_text("""
import os, socket, time, sweepwright as nni
while True:
    try:
        end = socket.create_connection(("127.0.0.1", int(os.environ["PORT"])))
        break
    except ConnectionRefusedError:
        time.sleep(0.05)
assert end.recv(9) == b"go"
print(os.environ["SWEEPWRIGHT_RANK"], os.environ["PEER"], os.path.exists("master.py"))
open(os.path.join(nni.checkpoint_dir(), "no"), "w").close()
end.sendall(b"bye")
""")
    cluster.files = str(cluster.folder / "files")
    cluster.use_addresses("$HOST_OF_{role}_{rank}", "29500")
    roles = (
        Role("master", PythonFile("master.py")),
        Role("worker", PythonFile("worker.py"), replicas=3, reports=False),
    )
    peer = {"PEER": "<host of master 0>:<port of master 0>"}
    job = job_of(roles, rendezvous={"worker": ({}, {}, peer)})
    port = {"PORT": str(cluster.free_port()), "HOST_OF_master_0": "there"}
    worker, master = cluster.pod(job, roles[1]), cluster.pod(job, roles[0])
    worker.start(sys.executable, 2, **port)
    master.start(sys.executable, 0, **port)
    led, worked = master.finish(), worker.finish()

    assert reported(led.events) == [5]
    assert worked.kinds == ["launched", "ended"]
    assert worked.text == b"2 there:29500 True\n"
    assert [p.name for p in (cluster.folder / "files").rglob("checkpoint/*")] == ["kept"]


def test_every_process_inherits_the_checkpoint(cluster: Cluster) -> None:
    cluster.files = str(cluster.folder / "files")
    cluster.run(CHECKPOINT)
    (cluster.code / "train.py").write_text(CHECKPOINT)
    roles = (
        Role("main", PythonFile("train.py")),
        Role("worker", PythonFile("train.py"), reports=False),
    )
    job = job_of(roles, attempt=2, inherits=CheckpointRef(0, 1))
    worker = cluster.pod(job, roles[1])

    assert worker.run().kinds == ["launched", "ended"]
    [kept] = (worker.folder / "scratch").rglob("checkpoint/deep/step")
    assert kept.read_text() == "2"
    assert not (cluster.folder / "files/trials/0/2").exists()


def test_only_rank_0_reports(cluster: Cluster) -> None:
    (cluster.code / "train.py").write_text(
        'import os; print(os.environ.get("SWEEPWRIGHT_REPORTS"), os.environ["SWEEPWRIGHT_RANK"])'
    )
    role = Role("worker", PythonFile("train.py"), replicas=2)
    done = cluster.pod(job_of((role,))).run(rank=1)

    assert done.text == b"None 1\n"

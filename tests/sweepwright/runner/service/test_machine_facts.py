"""A probe tells what a user must know of a machine before trials run there."""

import os
import sys
import time
from pathlib import Path

import pytest

from sweepwright.runner.service import machine_facts
from sweepwright.runner.service.machine_facts import look

MOUNTS = """\
1 0 8:1 / / rw - ext4 /dev/sda rw
2 1 0:5 / /data rw - nfs4 server:/data rw
3 1 0:6 / /data rw - tmpfs tmpfs rw
4 1 0:7 / /home rw shared:1 - nfs server:/home rw
"""


def test_facts_of_this_machine(tmp_path: Path) -> None:
    facts = look(tmp_path / "new/base", ["json", "pytest", "no_such_module"])

    assert facts["python"] == {
        "executable": sys.executable,
        "version": list(sys.version_info[:3]),
    }
    assert facts["packages"] == {"json": "", "pytest": pytest.__version__, "no_such_module": None}
    assert facts["folder"]["error"] is None
    assert facts["folder"]["free"] > 0
    assert facts["cpus"] == len(os.sched_getaffinity(0))
    assert abs(facts["clock"] - time.time()) < 60
    assert (tmp_path / "new/base").stat().st_mode & 0o777 == 0o700
    assert list((tmp_path / "new/base").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert look(tmp_path / "file/base", [])["folder"] == {
        "path": f"{tmp_path}/file/base",
        "error": f"`{tmp_path}/file/base`: Not a directory",
    }


@pytest.mark.parametrize(
    ("folder", "kind"), [("/elsewhere", "ext4"), ("/data/x", "tmpfs"), ("/homes", "ext4")]
)
def test_the_file_system_of_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, kind: str
) -> None:
    (tmp_path / "mounts").write_text(MOUNTS)
    monkeypatch.setattr(machine_facts, "_MOUNTS", tmp_path / "mounts")

    assert machine_facts._file_system(Path(folder)) == kind


def test_gpus_are_those_that_nvidia_smi_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho '0, GPU-1, NVIDIA H200, 143771 MiB'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    [gpu] = look(tmp_path, [])["gpus"]["devices"]

    assert gpu == {"index": "0", "id": "GPU-1", "name": "NVIDIA H200", "memory": "143771 MiB"}


def test_a_broken_driver_of_gpus_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 'Driver/library version mismatch'\nexit 18\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    assert look(tmp_path, [])["gpus"] == {
        "devices": [],
        "error": "nvidia-smi: Driver/library version mismatch",
    }

"""The library of faults does what its rules say."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.faults.library import COMPILER, Fault, with_faults

pytestmark = pytest.mark.skipif(COMPILER is None, reason="needs a C compiler")

WRITES = """
import os, sys
file = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)
for number in range(5):
    try:
        os.write(file, b"x")
    except OSError as error:
        print(number, error.errno)
"""


def run(folder: Path, *faults: Fault) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WRITES, folder / "written"],
        env=with_faults(os.environ, faults, folder / "log"),
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_chosen_calls_fail(tmp_path: Path) -> None:
    fault = Fault("driver", "write", errno.ENOSPC, path="written", first=2, times=2)

    assert run(tmp_path, fault).stdout == f"1 {errno.ENOSPC}\n2 {errno.ENOSPC}\n"
    assert (tmp_path / "written").read_text() == "xxx"
    assert (tmp_path / "log").read_text().count("write") == 2


def test_the_chosen_call_kills(tmp_path: Path) -> None:
    ended = run(tmp_path, Fault("any", "write", None, path="written", first=4))

    assert ended.returncode == -signal.SIGKILL
    assert (tmp_path / "written").read_text() == "xxx"


def test_calls_of_other_processes_and_files_succeed(tmp_path: Path) -> None:
    elsewhere = Fault("driver", "write", errno.EIO, path="elsewhere", times=0)
    in_server = Fault("server", "write", errno.EIO, path="written", times=0)

    assert run(tmp_path, elsewhere, in_server).stdout == ""
    assert not (tmp_path / "log").exists()

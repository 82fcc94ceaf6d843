"""Processes with a server's mark are found and killed."""

import os
import subprocess
import sys

from sweepwright.plugins.platforms.local import marked_processes
from sweepwright.plugins.platforms.local.marked_processes import MARK, kill_marked


def sleeper(mark):
    """Start a process that has a mark."""
    argv = [sys.executable, "-S", "-c", "import time; print(1, flush=True); time.sleep(600)"]
    process = subprocess.Popen(argv, env={**os.environ, MARK: mark}, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def test_marked_processes_are_killed_and_no_others() -> None:
    marked, other = sleeper("mine"), sleeper("mine2")
    kill_marked("mine")

    assert marked.wait(1) == -9
    assert other.poll() is None
    other.kill()
    for process in (marked, other):
        process.communicate()


def test_a_process_that_cannot_be_killed_is_given_up(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(marked_processes, "_KILL_SECONDS", 0.05)
    immortal = tmp_path / str(2**22 + 1)
    immortal.mkdir()
    (immortal / "environ").write_bytes(f"{MARK}=mine\0".encode())
    kill_marked("mine", tmp_path)

    assert immortal.exists()

"""Processes with a server's mark are found and killed."""

import os
import subprocess
import sys
import time

from sweepwright.runner import leftovers
from sweepwright.runner.leftovers import MARK, kill_marked


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
    monkeypatch.setattr(leftovers, "_KILL_SECONDS", 0.05)
    monkeypatch.setattr(leftovers, "_PROCESSES", tmp_path)
    immortal = tmp_path / str(2**22 + 1)
    immortal.mkdir()
    (immortal / "environ").write_bytes(f"{MARK}=mine\0".encode())
    (immortal / "stat").write_text(f"{immortal.name} (python) S 1")
    begun = time.monotonic()
    kill_marked("mine")

    assert time.monotonic() - begun >= 0.05, "it was not found"

"""A full disk pauses a sweep, and no trial is lost."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def run(folder: Path, display: str) -> list[str]:
    """Run a sweep on a disk that fills up; return its outcome and messages."""
    argv = [sys.executable, "-m", "tests.core.driver.full_disk", str(folder), display]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_a_full_disk_pauses_the_sweep_until_there_is_room(tmp_path: Path) -> None:
    state, same, full, free = run(tmp_path, "patient")

    assert (state, same) == ("done", "True")
    assert "journal.sqlite: File too large; waiting until it can be written" in full
    assert free.endswith(" can be written again")


def test_a_sweep_that_waits_for_room_can_be_interrupted_and_resumed(tmp_path: Path) -> None:
    state, same, full, last = run(tmp_path, "impatient")

    assert (state, same) == ("interrupted", "True")
    assert "journal.sqlite: File too large; waiting until it can be written" in full
    assert last.endswith("a resume repeats the last turn")

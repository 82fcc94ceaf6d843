"""A disk that fills up pauses a sweep, and costs it nothing."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_full_disk_pauses_the_sweep_until_there_is_room(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "tests.core.full_disk", str(tmp_path)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=ROOT)

    state, same, full, free = done.stdout.splitlines()

    assert (state, same) == ("done", "True"), done.stderr
    assert full.startswith("no room to write ")
    assert free == "there is room again"

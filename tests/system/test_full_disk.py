"""A disk that is really full makes trials wait, and spends none."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TRIALS = 20
INODES = 60
"""Number of files and folders on the disk; each trial has four."""
MOUNT = f'mount -t tmpfs -o size=16m,nr_inodes={INODES} sweeps "$0" && exec "$@"'


def on_small_disk(folder: Path) -> list[str]:
    """Return the beginning of a command line that runs a program with a small disk at a folder."""
    begin = ["unshare", "--map-root-user", "--mount", "sh", "-c", MOUNT, str(folder)]
    if not shutil.which("unshare") or subprocess.run([*begin, "true"], check=False).returncode:
        pytest.skip("needs a system that lets users mount a disk")
    return begin


def test_trials_wait_for_space_on_a_full_disk(tmp_path: Path) -> None:
    """They go on by themselves as soon as somebody frees space."""
    store = tmp_path / "store"
    store.mkdir()
    sweep = ["trial=noop", "tuner=random", f"max_trials={TRIALS}", "concurrency=2"]
    driver = subprocess.Popen(
        [*on_small_disk(store), sys.executable, ROOT / "run.py", *sweep, f"store.path={store}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    assert driver.stdout is not None
    waits = next(line for line in driver.stdout if line.startswith("waiting for "))
    [folder] = Path(f"/proc/{driver.pid}/root{store}").glob("s2*")
    for trial in range(TRIALS // 2):
        shutil.rmtree(folder / "trials" / str(trial), ignore_errors=True)
    out, err = driver.communicate(timeout=60)

    assert waits.startswith(f"waiting for space on the disk of {store}/s2")
    assert waits.endswith(": No space left on device; the sweep goes on by itself\n")
    assert (driver.returncode, err) == (0, "")
    assert f" is done: {TRIALS} trials finished in " in out

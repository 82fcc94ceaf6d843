"""A user's limit on processes makes trials wait, and spends none."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest

ROOT = Path(__file__).parents[2]
NOBODY = 65534
CAPABILITIES = "-all,+dac_override,+dac_read_search"
AS_NOBODY = (
    *("setpriv", f"--reuid={NOBODY}", "--clear-groups"),
    *(f"--inh-caps={CAPABILITIES}", f"--ambient-caps={CAPABILITIES}"),
)
"""The kernel limits no process of root, so root becomes another user, who may read its files."""


def limited_to(processes: int) -> list[str]:
    """Return the beginning of a command line that limits the number of further processes."""
    if sys.platform != "linux" or not shutil.which("prlimit") or not shutil.which("setpriv"):
        pytest.skip("needs prlimit and setpriv")
    user = os.getuid() or NOBODY
    mine = [p.num_threads() for p in psutil.process_iter() if p.uids().real == user]
    limit = f"--nproc={sum(mine) + processes}"
    return [*(AS_NOBODY if os.getuid() == 0 else ()), "prlimit", limit]


@pytest.fixture
def store() -> Iterator[str]:
    """Make a store that the limited user can reach and write to."""
    with TemporaryDirectory() as folder:
        if os.getuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        yield folder


def test_trials_wait_for_processes_that_the_user_may_not_start(tmp_path: Path, store: str) -> None:
    """The limit allows for the driver, its server and a few trials, and not for all at once."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    sweep = ["trial=noop", "trial.sleep=0.05", "tuner=random", "max_trials=16", "concurrency=12"]
    ran = subprocess.run(
        [*limited_to(9), sys.executable, ROOT / "run.py", *sweep, f"store.path={store}"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=tmp_path,
        timeout=60,
    )

    assert ran.stderr == ""
    assert ran.returncode == 0
    assert "waiting for a free process: Resource temporarily unavailable; " in ran.stdout
    assert re.search(r" is done: 16 trials finished in ", ran.stdout)

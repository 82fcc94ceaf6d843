"""A store that is deleted under a real driver: its trials stop, and it ends with one line."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[2]
TRIAL = """
import time
from pathlib import Path
from sweepwright.trial import get_next_parameter

get_next_parameter()
Path(__file__).with_name("running").touch()
time.sleep(600)
"""


@pytest.mark.ci_only
def test_a_deleted_store_ends_the_driver_and_its_trials(tmp_path: Path) -> None:
    script, store = tmp_path / "sleeper.py", tmp_path / "store"
    script.write_text(TRIAL)
    settings = ["framework=python", f"+trial.entries.python={script}", f"store.path={store}"]
    argv = [sys.executable, str(ROOT / "run.py"), *settings, "max_trials=1"]
    with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True) as driver:
        while not script.with_name("running").exists():
            assert driver.poll() is None, driver.stderr.read() if driver.stderr else ""
            time.sleep(0.05)
        family = psutil.Process(driver.pid).children(recursive=True)
        shutil.rmtree(store)
        _, error = driver.communicate(timeout=30)

    assert driver.returncode == 1
    assert " was moved, deleted or replaced while its sweep was driven" in error.splitlines()[-1]
    assert not [process for process in family if process.is_running()]

"""A store that is deleted under a real driver: its trials stop, and it ends with one line."""

import shutil
import time
from pathlib import Path

import psutil
import pytest

from tests.forked_commands import ForkedCommand

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
    driver = ForkedCommand([*settings, "max_trials=1"])
    while not script.with_name("running").exists():
        assert driver.poll() is None, driver.communicate()
        time.sleep(0.05)
    family = psutil.Process(driver.pid).children(recursive=True)
    shutil.rmtree(store)
    _, error = driver.communicate(timeout=90)

    assert driver.returncode == 1
    assert " was moved, deleted or replaced while its sweep was driven" in error.splitlines()[-1]
    assert not [process for process in family if process.is_running()]

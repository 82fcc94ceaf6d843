"""What a driver left running, killed with its fork server, is said and ended."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.forked_commands import RUN_PY, ForkedCommand, run_forked

CHILDREN = """
    import os, subprocess, sys, time
    from pathlib import Path

    sleep = [sys.executable, "-S", "-c", "import time; time.sleep(600)"]
    plain = subprocess.Popen(sleep, start_new_session=True)
    bare = subprocess.Popen(sleep, env={}, start_new_session=True)
    Path("children.part").write_text(f"{plain.pid} {bare.pid}")
    os.rename("children.part", "children")
    time.sleep(600)
    """


def run(folder: Path, *typed: str) -> subprocess.CompletedProcess[str]:
    return run_forked(typed, folder=folder)


def is_alive(process: int) -> bool:
    try:
        return bool(psutil.Process(process).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def wait_for(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def orphans(tmp_path: Path) -> Iterator[list[int]]:
    """Kill a driver and its server in one instant, and return the children of its trial."""
    driver, children = start(tmp_path)
    (server,) = psutil.Process(driver.pid).children()
    # Both are stopped first, so that neither can act on the death of the other.
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for process in (server.pid, driver.pid):
            os.kill(process, number)
    driver.wait()
    yield children
    for child in filter(is_alive, children):
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def start(folder: Path) -> tuple[ForkedCommand, list[int]]:
    """Begin a sweep, and return its driver and the children of its trial."""
    (folder / "train.py").write_text("\n".join(line[4:] for line in CHILDREN.splitlines()))
    overrides = ["framework=python", f"+trial.entries.python={folder / 'train.py'}"]
    overrides += ["max_trials=1", "retries.lost=0", "drain_timeout=0.1", "--quiet"]
    driver = ForkedCommand(overrides, folder=folder)
    wait_for((folder / "children").exists)
    children = [int(word) for word in (folder / "children").read_text().split()]
    (folder / "train.py").write_text("import sweepwright; sweepwright.report_final_result(1)")
    return driver, children


def test_what_a_killed_driver_and_server_left_is_said_and_ended(
    tmp_path: Path, orphans: list[int]
) -> None:
    others = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(600)"])
    try:
        listed, shown = run(tmp_path, "list"), run(tmp_path, "show")
        (sweep,) = (tmp_path / "sweeps").glob("s*")
        note = f"note: the driver of {sweep.name} left 2 processes running; `python {RUN_PY}"

        assert listed.stderr == shown.stderr
        assert listed.stderr.startswith(note)
        assert all(map(is_alive, orphans))

        command = listed.stderr.partition("`")[2].partition("`")[0].split()
        resumed = run(tmp_path, *command[2:], "--quiet")

        assert resumed.returncode == 0, resumed.stderr
        assert "ended 2 processes that an earlier driver left running\n" in resumed.stderr
        assert not any(map(is_alive, orphans))
        assert others.poll() is None
        assert run(tmp_path, "list").stderr == ""
    finally:
        others.kill()
        others.wait()


def test_a_copied_sweep_ends_nothing_while_the_original_is_driven(tmp_path: Path) -> None:
    driver, children = start(tmp_path)
    pipes = shutil.ignore_patterns("reports")
    shutil.copytree(tmp_path / "sweeps", tmp_path / "copied", ignore=pipes)
    resumed = run(tmp_path, "resume", "store.path=copied", "--quiet")

    assert resumed.returncode == 0, resumed.stderr
    assert "left running" not in resumed.stderr
    assert all(map(is_alive, children))

    driver.send_signal(signal.SIGINT)
    assert driver.wait(60) == 130
    assert not any(map(is_alive, children))


def test_a_killed_server_leaves_no_process(tmp_path: Path) -> None:
    """The driver finds children with an empty environment too."""
    driver, children = start(tmp_path)
    (server,) = psutil.Process(driver.pid).children()
    os.kill(server.pid, signal.SIGKILL)

    assert driver.wait(60) == 1, "its only trial is lost"
    assert not any(map(is_alive, children))

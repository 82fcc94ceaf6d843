"""Machines that lack something are named with what they lack, and the others run the trials."""

import errno
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.openssh import Server
from tests.system.driven_sweeps import output_of
from tests.system.faults.library import COMPILER, Fault, build
from tests.system.remote.disturbed_sweeps import QUICK, assert_unharmed, began

SHIFTED = """
import time
real = time.time
time.time = lambda: real() {shift}
"""
MOUNT = 'mount -t tmpfs -o size=4g,mode=700 sweeps "$0" && exec "$@"'


def test_machine_without_python_is_left_out(servers, sweep_on) -> None:
    boxes = [servers.start("box1"), servers.start("box2")]
    sweep = sweep_on(*boxes, overrides=("max_trials=2",))
    sweep.each["box1"] = {"python": "python9"}
    (boxes[1].home / "go").touch()
    printed = output_of(sweep.start())

    assert "warning[M101]: machine `box1`: there is no interpreter `python9`" in printed
    assert began(boxes[1]) == {0: 1, 1: 1}
    assert_unharmed(sweep, 2)


@pytest.mark.ci_only
def test_python_that_vanishes_during_a_sweep_ends_it_in_words(servers, sweep_on) -> None:
    box = servers.start("box1")
    python = box.home / "python"
    python.symlink_to(sys.executable)
    options = {"lost_after": 6}  # in which the driver finds out why it cannot attach
    sweep = sweep_on(
        box, machine_options={"python": str(python)}, options=options, overrides=("max_trials=2",)
    )
    driver = sweep.start()
    sweep.wait_until_started(2)
    sweep.wait_until(lambda: began(box) == {0: 1, 1: 1})
    python.unlink()
    box.kill_sessions()
    printed = output_of(driver, 1)
    python.symlink_to(sys.executable)
    (box.home / "go").touch()
    output_of(sweep.resume())

    missing = f"there is no interpreter `{python}`"
    assert f"waiting for box1, which cannot run trials: {missing}" in printed
    assert f"no more trials start: box1: {missing}" in printed
    assert_unharmed(sweep, 2)


@pytest.mark.parametrize(
    ("shift", "where"),
    [("+ 3600", "ahead of"), pytest.param("- 3600", "behind", marks=pytest.mark.ci_only)],
)
def test_clock_that_is_off_by_an_hour_changes_nothing(
    servers, sweep_on, tmp_path, shift: str, where: str
) -> None:
    """The user reads it, because tools of the trials may compare clocks."""
    (tmp_path / "shift").mkdir()
    (tmp_path / "shift" / "sitecustomize.py").write_text(SHIFTED.format(shift=shift))
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH={tmp_path}/shift exec {sys.executable} "$@"\n')
    python.chmod(0o700)
    box = servers.start("box1")
    sweep = sweep_on(box, machine_options={"python": str(python)}, overrides=("max_trials=3",))
    driver = sweep.start()
    sweep.wait_until(lambda: began(box) == {0: 1, 1: 1})
    box.kill_sessions()
    (box.home / "go").touch()
    printed = output_of(driver)

    assert f"machine `box1`: its clock is 3,600 s {where} the clock here" in printed
    assert began(box) == {0: 1, 1: 1, 2: 1}
    assert all(abs(row["ended"] - time.time()) < 600 for row in sweep.rows())
    assert_unharmed(sweep, 3)


@pytest.fixture
def small_disk(servers, tmp_path) -> Server:
    """Start a server on whose machine the runner's folder is a small disk."""
    disk = tmp_path / "disk"
    disk.mkdir()
    begin = ("unshare", "--mount", "sh", "-c", MOUNT, str(disk))
    if not shutil.which("unshare") or subprocess.run([*begin, "true"], check=False).returncode:
        pytest.skip("needs a system that lets tests mount a disk")
    return servers.start("box1", wrapper=begin)


@pytest.mark.parametrize("meanwhile", ["nothing", pytest.param("cut", marks=pytest.mark.ci_only)])
def test_trials_wait_while_a_disk_is_full(small_disk, sweep_on, tmp_path, meanwhile: str) -> None:
    box, disk = small_disk, tmp_path / "disk"
    sweep = sweep_on(
        box,
        machine_options={"folder": str(disk)},
        options=QUICK,
        overrides=("max_trials=4",),
    )
    driver = sweep.start()
    sweep.wait_until(lambda: began(box) == {0: 1, 1: 1})
    # Somebody may write between the two steps, so that more is used.
    sweep.wait_until(lambda: resize(box, disk, *used_of(box, disk)))
    if meanwhile == "cut":
        box.kill_sessions()
    (box.home / "go").touch()
    sweep.wait_until(lambda: "No space left on device" in driver.read_output())
    assert resize(box, disk, 4 << 30, 10000)
    printed = output_of(driver)

    assert began(box) == {0: 1, 1: 1, 2: 1, 3: 1}
    assert sweep.retries() == []
    told = [line for line in printed.splitlines() if "No space left" in line]
    assert told[0].startswith("waiting for ")
    assert_unharmed(sweep, 4)


@pytest.mark.skipif(COMPILER is None, reason="needs a C compiler")
def test_log_that_cannot_be_written_costs_no_record(servers, sweep_on, tmp_path) -> None:
    full = Fault("any", "write", errno.ENOSPC, path="events.log", first=4, times=3)
    variables = {"HOME": f"{tmp_path}/box1/home", "LD_PRELOAD": str(build()), "FAULTS": str(full)}
    words = " ".join(f'"{name}={value}"' for name, value in variables.items())
    box = servers.start("box1", lines=(f"SetEnv {words}",))
    sweep = sweep_on(box, overrides=("max_trials=2",))
    (box.home / "go").touch()
    printed = output_of(sweep.start())

    assert "the log cannot be written: No space left on device; the sweep goes on" in printed
    assert began(box) == {0: 1, 1: 1}
    assert sweep.retries() == []
    assert_unharmed(sweep, 2)


def used_of(server: Server, disk: Path) -> tuple[int, int]:
    """Return the number of bytes and of files that are used on a small disk."""
    found = os.statvfs(f"{server.root}{disk}")
    return (found.f_blocks - found.f_bfree) * found.f_frsize, found.f_files - found.f_ffree


def resize(server: Server, disk: Path, size: int, files: int) -> bool:
    """Change the number of bytes and of files that a small disk takes, unless it has more."""
    enter = ["nsenter", f"--mount={server.root.parent}/ns/mnt"]
    remount = ["mount", "-o", f"remount,size={size},nr_inodes={files}", str(disk)]
    return subprocess.run([*enter, *remount], check=False).returncode == 0

"""What the machine refuses to the store: the sweep waits or is interrupted, and can be resumed."""

import errno
import os
import subprocess
from pathlib import Path

import pytest

from tests.forked_commands import run_forked
from tests.system.faults.library import COMPILER, Fault, with_faults

pytestmark = pytest.mark.skipif(COMPILER is None, reason="needs a C compiler")

TRIALS = 6


def run(*words: str, faults: tuple[Fault, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run a command line in a process some of whose system calls fail."""
    return run_forked(words, with_faults(os.environ, faults))


def sweep(store: Path, *faults: Fault) -> subprocess.CompletedProcess[str]:
    """Run a short sweep in a store."""
    settings = ("trial=noop", f"max_trials={TRIALS}", "concurrency=1", f"store.path={store}")
    return run(*settings, "--quiet", faults=faults)


def assert_resumable(store: Path) -> None:
    """Assert that a resume completes the sweep, and that no trial failed."""
    resumed = run("resume", f"store.path={store}", "--quiet")
    assert resumed.returncode == 0, resumed.stderr
    assert f"{TRIALS} trials finished" in resumed.stdout
    assert "failed" not in resumed.stdout


def journal_fault(call: str, number: int, times: int) -> Fault:
    """Return a fault of the driver's writes to the sweep, from some commit in its middle on."""
    # The sweep's folder is named after the time. While it is created, it has another name.
    first = 6 if call == "fsync" else 20
    return Fault("driver", call, number, path="/s20", first=first, times=times)


def check_interruption(store: Path, call: str, number: int) -> None:
    ended = sweep(store, journal_fault(call, number, times=0))

    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert line.startswith(f"error: the sweep was interrupted: cannot write {store}")
    assert f"{os.strerror(number)}; once the store is in order, `resume` continues" in line
    assert_resumable(store)


def check_wait(store: Path, call: str, number: int) -> None:
    ended = sweep(store, journal_fault(call, number, times=3))

    assert ended.returncode == 0, ended.stderr
    waits, goes_on = ended.stderr.splitlines()
    assert waits.endswith(f"{os.strerror(number)}; waiting until it can be written")
    assert goes_on.endswith(" can be written again")
    assert f"{TRIALS} trials finished" in ended.stdout


def test_a_disk_that_fails_interrupts_the_sweep(tmp_path: Path) -> None:
    check_interruption(tmp_path, "fsync", errno.EIO)


def test_a_quota_makes_the_sweep_wait(tmp_path: Path) -> None:
    check_wait(tmp_path, "fsync", errno.EDQUOT)


@pytest.mark.ci_only
@pytest.mark.parametrize("number", [errno.EIO, errno.EROFS, errno.ESTALE])
@pytest.mark.parametrize("call", ["write", "fsync"])
def test_what_cannot_pass_interrupts_the_sweep(tmp_path: Path, call: str, number: int) -> None:
    check_interruption(tmp_path, call, number)


@pytest.mark.ci_only
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("call", ["write", "fsync"])
def test_what_can_pass_makes_the_sweep_wait(tmp_path: Path, call: str, number: int) -> None:
    check_wait(tmp_path, call, number)


@pytest.mark.ci_only
@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("call", ["write", "fsync"])
def test_one_refusal_is_overcome(tmp_path: Path, call: str, number: int) -> None:
    ended = sweep(tmp_path, journal_fault(call, number, times=1))

    assert ended.returncode == 0, ended.stderr
    assert f"{TRIALS} trials finished" in ended.stdout


@pytest.mark.ci_only
@pytest.mark.parametrize("call", ["flock", "write"])
def test_a_refused_creation_leaves_no_sweep(tmp_path: Path, call: str) -> None:
    number = errno.ENOLCK if call == "flock" else errno.EDQUOT
    ended = sweep(tmp_path, Fault("driver", call, number, path=".new-", times=0))

    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    assert os.strerror(number) in line
    assert list(tmp_path.iterdir()) == []

"""A signal ends every command with one line and the right exit code, whenever it comes."""

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.forked_commands import run_forked
from tests.system.signal_moments import ROOT, RUN_PY, SCRIPT, Moments

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 143}
RUN = "trial=noop max_trials=4 --quiet"
COMMANDS = ["-m trial=noop max_trials=2 seed=0,1 --quiet", "resume --quiet"]
COMMANDS += [
    "plan trial=noop",
    "check",
    "list",
    "show",
    "best",
    "export",
    "explain space",
    "plugins",
]
SLEEPER = "import time; time.sleep(60)"


def assert_ended(ran: subprocess.CompletedProcess[str], number: signal.Signals) -> None:
    """Assert one line and the exit code of a signal."""
    assert ran.returncode in (CODES[number], -number), (ran.returncode, ran.stderr)
    assert "Traceback" not in ran.stderr
    # Before the handlers of `run.py` are installed, the signal itself ends the process.
    # A multirun announces each of its sweeps.
    lines = [line for line in ran.stderr.splitlines() if not line.startswith("[")]
    assert len(lines) == (1 if ran.returncode > 0 else 0), ran.stderr


def assert_each_moment(moments: Moments, typed: list[str], count: int) -> None:
    """Send the signals in turn, at equal distances from the first moment almost to the last."""
    # Two runs differ by a few moments, such as those of the files that the first one caches.
    last = int(0.97 * moments.count(*typed))
    for index in range(count):
        number = list(CODES)[index % len(CODES)]
        moment = 1 + (last - 1) * index // (count - 1)

        assert_ended(moments.send(number, moment, *typed), number)


def test_from_the_first_instruction_on_a_signal_ends_a_run(tmp_path: Path) -> None:
    moments = Moments(tmp_path, RUN_PY)
    assert_each_moment(moments, RUN.split(), 6)
    listed = subprocess.run(
        [*RUN_PY, "list"], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert listed.stderr == ""


@pytest.mark.ci_only
@pytest.mark.parametrize("entry", [RUN_PY, SCRIPT], ids=["run.py", "console script"])
def test_a_signal_ends_a_run_at_thirty_moments(tmp_path: Path, entry: list[str]) -> None:
    if not Path(entry[-1]).exists():
        pytest.skip("the console script is not installed")
    assert_each_moment(Moments(tmp_path, entry), RUN.split(), 30)


@pytest.mark.ci_only
@pytest.mark.parametrize("typed", COMMANDS)
def test_a_signal_ends_every_command(tmp_path: Path, typed: str) -> None:
    assert run_forked(RUN.split(), folder=tmp_path).returncode == 0
    assert_each_moment(Moments(tmp_path, RUN_PY), typed.split(), 6)


@pytest.fixture
def sleeper(tmp_path: Path) -> list[str]:
    """Return overrides for trials that write a file when they begin, and sleep for a minute."""
    trial = tmp_path / "sleeper.py"
    trial.write_text(f"open('begun', 'a').close()\n{SLEEPER}\n")
    return [
        "framework=python",
        f"+trial.entries.python={trial}",
        "max_trials=4",
        "concurrency=1",
        "drain_timeout=0.1",
    ]


def wait_for_a_trial(folder: Path) -> None:
    """Wait until the first trial runs."""
    deadline = time.monotonic() + 60
    while not (folder / "begun").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_terminated_multirun_begins_no_other_sweep(tmp_path: Path, sleeper: list[str]) -> None:
    process = subprocess.Popen(
        [*RUN_PY, "-m", "seed=0,1,2", "--quiet", *sleeper],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for_a_trial(tmp_path)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)

    assert process.returncode == 143
    assert "interrupted: waiting for running trials" in errors
    assert "drain_timeout is over: stopping now" in errors
    assert "[2 of 3]" not in errors
    assert "Traceback" not in errors
    assert len(list((tmp_path / "sweeps").glob("*/journal.sqlite"))) == 1


@pytest.mark.parametrize(
    "quiet",
    [
        pytest.param([], id="live"),
        pytest.param(["--quiet"], id="quiet", marks=pytest.mark.ci_only),
    ],
)
def test_a_closed_terminal_terminates_a_sweep(
    tmp_path: Path, sleeper: list[str], quiet: list[str]
) -> None:
    """The kernel sends SIGHUP, and each later write to the terminal fails."""
    terminal, slave = pty.openpty()
    take_terminal = (
        "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    with subprocess.Popen(
        [sys.executable, "-c", take_terminal, *RUN_PY, *sleeper, *quiet],
        cwd=tmp_path,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    ) as process:
        os.close(slave)
        wait_for_a_trial(tmp_path)
        os.close(terminal)

        assert process.wait(60) == 143


def test_a_sweep_under_nohup_ignores_a_closed_terminal(tmp_path: Path, sleeper: list[str]) -> None:
    ignoring = (
        "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN);"
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    with subprocess.Popen(
        [sys.executable, "-c", ignoring, *RUN_PY, *sleeper, "drain_timeout=null"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        wait_for_a_trial(tmp_path)
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGINT)
        assert process.stdout
        while not process.stdout.readline().startswith("interrupted"):
            assert process.poll() is None
        # Had SIGHUP counted, this would be the third signal, and would end the process by itself.
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=60)

        assert process.returncode == 143
        assert "stopping now" in rest


@pytest.mark.parametrize(
    "closed", [pytest.param(">&-", marks=pytest.mark.ci_only), "<&- >&- 2>&-"]
)
def test_a_command_works_without_standard_streams(tmp_path: Path, closed: str) -> None:
    typed = f"'{sys.executable}' '{ROOT / 'run.py'}' trial=noop max_trials=1 {closed}"
    ran = subprocess.run(
        ["/bin/sh", "-c", typed], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""

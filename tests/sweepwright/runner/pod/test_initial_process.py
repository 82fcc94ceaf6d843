"""The first process of a container reaps orphans, passes signals on, and ends with the agent."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
ORPHAN = """
import os, sys, time
from pathlib import Path
from sweepwright.runner.pod.initial_process import run_below

def main():
    # A process in the middle ends, and leaves its child to the first process.
    receiver, sender = os.pipe()
    if not os.fork():
        orphan = os.fork()
        if orphan:
            os.write(sender, str(orphan).encode())
        os._exit(0)
    os.wait()
    orphan = os.read(receiver, 99).decode()
    while Path("/proc", orphan).exists():
        time.sleep(0.01)
    return 7

sys.exit(run_below(main))
"""
WAITING = """
import os, signal, sys, time
from sweepwright.runner.pod.initial_process import run_below

def main():
    signal.signal(signal.SIGTERM, lambda *_: os._exit(9))
    print(os.getpid(), flush=True)
    time.sleep(600)

code = run_below(main)
print(code)
"""


def start(program: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_orphans_are_reaped() -> None:
    process = start(ORPHAN)
    process.communicate(timeout=60)

    assert process.returncode == 7


def test_signals_are_passed_on() -> None:
    process = start(WAITING)
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGTERM)

    assert process.communicate(timeout=60)[0] == "9\n"


def test_the_end_by_a_signal_is_told() -> None:
    process = start(WAITING)
    assert process.stdout is not None
    os.kill(int(process.stdout.readline()), signal.SIGKILL)

    assert process.communicate(timeout=60)[0] == f"{-signal.SIGKILL}\n"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux kills children with their parent")
def test_the_agent_dies_with_the_first_process() -> None:
    process = start(WAITING)
    assert process.stdout is not None
    process.stdout.readline()
    process.kill()

    assert process.stdout.read() == ""  # the pipe ends when nobody holds it open
    process.wait()
    process.stdout.close()

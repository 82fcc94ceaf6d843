"""Run a sweep whose files may not grow for a while.

It is a process of its own, because the limit holds for the whole process.
"""

import os
import resource
import signal
import sys
from pathlib import Path

from sweepwright.core.driver import turn
from tests.core.simulated_sweeps import RecordingDisplay, outcomes, simulate_sweep, sweep


class Patient(RecordingDisplay):
    """A display that frees room when it is told that there is none."""

    def notify(self, line: str) -> None:
        """Lift the limit."""
        super().notify(line)
        lift()


class Impatient(RecordingDisplay):
    """A display that interrupts the driver when there is no room."""

    def notify(self, line: str) -> None:
        """Interrupt the driver."""
        super().notify(line)
        os.kill(os.getpid(), signal.SIGINT)


def fill() -> None:
    """Let no file grow beyond a page."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))


def lift() -> None:
    """Let files grow again."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
turn.REFUSED_SECONDS = 0.01
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
display = {"patient": Patient, "impatient": Impatient}[sys.argv[2]](5, fill)
undisturbed, full = (
    simulate_sweep(Path(sys.argv[1], "calm")),
    simulate_sweep(Path(sys.argv[1], "full")),
)
undisturbed.run(sweep())
outcome = full.run(sweep(), display)
lift()
full.resume()
same = outcomes(full.history) == outcomes(undisturbed.history)
sys.stdout.write("\n".join([outcome.state, str(same), *display.said]))

"""Run a sweep whose files may not grow for a while; a process of its own, for the limit's sake."""

import os
import resource
import signal
import sys
from pathlib import Path

from sweepwright.core.driver import turn
from tests.core.worlds import Watcher, make_world, outcomes, sweep


class Patient(Watcher):
    """A display that frees room once it is told that there is none."""

    def notify(self, line: str) -> None:
        """Lift the limit."""
        super().notify(line)
        lift()


class Impatient(Watcher):
    """A display at which somebody would rather end than wait."""

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
turn.FULL_DISK_SECONDS = 0.01
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
watcher = {"patient": Patient, "impatient": Impatient}[sys.argv[2]](5, fill)
calm, full = make_world(Path(sys.argv[1], "calm")), make_world(Path(sys.argv[1], "full"))
calm.run(sweep())
outcome = full.run(sweep(), watcher)
lift()
full.resume()
same = outcomes(full.history) == outcomes(calm.history)
sys.stdout.write("\n".join([outcome.state, str(same), *watcher.said]))

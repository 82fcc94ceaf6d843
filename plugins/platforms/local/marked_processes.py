"""Processes of a fork server, which are known by a variable in their environment."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

MARK = "SWEEPWRIGHT_SERVER"
"""Environment variable that marks every process of a fork server."""
# Seconds after which unkillable processes are given up, and seconds between attempts to kill.
_KILL_SECONDS = 5.0
_PAUSE_SECONDS = 0.01


def kill_marked(mark: str, processes: Path = Path("/proc")) -> None:
    """Kill every process whose environment has a server's mark, until no such process is left.

    The kernel keeps the environment with which a process was exec'ed, and copies it on a fork.
    So a forked process has the mark of its parent.
    """
    entry = f"{MARK}={mark}\0".encode()
    deadline = time.monotonic() + _KILL_SECONDS
    while found := [p for p in processes.glob("[0-9]*") if entry in _environment(p)]:
        for process in found:
            with suppress(OSError):
                os.kill(int(process.name), signal.SIGKILL)
        if time.monotonic() > deadline:
            return
        time.sleep(_PAUSE_SECONDS)


def _environment(process: Path) -> bytes:
    """Read a process's initial environment; empty if it has ended or belongs to another user."""
    try:
        return (process / "environ").read_bytes()
    except OSError:
        return b""

"""Finding what a fork server left behind when it could not clear up itself."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

MARK = "SWEEPWRIGHT_SERVER"
"""Environment variable that every process of a fork server starts out with."""
_PATIENCE_SECONDS = 5.0
_PAUSE_SECONDS = 0.01


def kill_marked(mark: str, processes: Path = Path("/proc")) -> None:
    """Kill every process whose environment bears a server's mark, until none is left.

    The kernel keeps the environment a process was exec'ed with, so forked ones bear the
    mark of what they were forked from.
    """
    entry = f"{MARK}={mark}\0".encode()
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while found := [p for p in processes.glob("[0-9]*") if entry in _environment(p)]:
        for process in found:
            with suppress(OSError):
                os.kill(int(process.name), signal.SIGKILL)
        if time.monotonic() > deadline:
            return
        time.sleep(_PAUSE_SECONDS)


def _environment(process: Path) -> bytes:
    """Read what a process was given; nothing for one that is dead, or another user's."""
    try:
        return (process / "environ").read_bytes()
    except OSError:
        return b""

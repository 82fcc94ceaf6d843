"""Processes that a driver left running when it was killed together with its fork server.

Every process of a job dies with its driver or its server, whichever is killed first, by the
mechanisms that `fork_server` describes. They fail only if both are killed in the same instant:
then nobody is left who would kill the children of trials. The next command that opens the sweep
finds them by two traits that the kernel keeps:

- The environment with which a process was exec'ed contains the mark of its server, which begins
  with the driver's session.
- Its standard output or standard error is open for writing on an attempt's output file. A process
  that was started with an empty environment usually still has this trait.

A process without both traits is not found.
"""

import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from .marked_processes import MARK

_PROCESSES = Path("/proc")
# Seconds after which unkillable processes are given up, and seconds between attempts to kill.
_KILL_SECONDS = 5.0
_PAUSE_SECONDS = 0.01


def leftovers(_options: object, folder: Path, sessions: Sequence[str], *, end: bool) -> int:
    """Count the processes that sessions left running; if `end`, kill them."""
    marks = [f"\0{MARK}={session}.".encode() for session in sessions]
    return len(_search(marks, folder / "trials", end=end))


def end_writers(folder: str) -> None:
    """Kill what is left of an attempt whose server died: the processes that write to its output.

    The server's mark finds the others.
    """
    _search([], Path(folder), end=True)


def _search(marks: Sequence[bytes], folder: Path, *, end: bool) -> set[int]:
    """Find processes with one of the marks, or with output below a folder; if `end`, kill them."""
    outputs = f"{folder.resolve()}{os.sep}"
    found = set(_find(marks, outputs))
    deadline = time.monotonic() + _KILL_SECONDS
    left = found
    # A process may fork while it is being killed, so look again until none is left.
    while end and left and time.monotonic() < deadline:
        for process in left:
            _kill(process, marks, outputs)
        time.sleep(_PAUSE_SECONDS)
        left = set(_find(marks, outputs))
        found |= left
    return found


def _find(marks: Sequence[bytes], outputs: str) -> Iterator[int]:
    own = {os.getpid(), os.getppid()}
    for entry in _PROCESSES.glob("[0-9]*"):
        process = int(entry.name)
        if process not in own and _is_leftover(process, marks, outputs):
            yield process


def _is_leftover(process: int, marks: Sequence[bytes], outputs: str) -> bool:
    """Tell whether a process has one of the traits; False for processes of other users."""
    folder = f"{_PROCESSES}/{process}"
    with suppress(OSError):
        with open(f"{folder}/environ", "rb") as file:  # noqa: PTH123 - called for each process
            environment = b"\0" + file.read()
        if any(mark in environment for mark in marks):
            return not _is_zombie(folder)
        return any(_writes_below(outputs, folder, descriptor) for descriptor in (1, 2))
    return False


def _is_zombie(folder: str) -> bool:
    with open(f"{folder}/stat", "rb") as file:  # noqa: PTH123 - as above
        # The program's name, in parentheses, may contain any character, even `)`.
        return file.read().rpartition(b")")[2].split()[0] in (b"Z", b"X")


def _writes_below(outputs: str, folder: str, descriptor: int) -> bool:
    with suppress(FileNotFoundError):
        if os.readlink(f"{folder}/fd/{descriptor}").startswith(outputs):  # noqa: PTH115 - as above
            with open(f"{folder}/fdinfo/{descriptor}", "rb") as file:  # noqa: PTH123 - as above
                flags = next(line.split()[1] for line in file if line.startswith(b"flags:"))
            return int(flags, 8) & os.O_ACCMODE != os.O_RDONLY
    return False


def _kill(process: int, marks: Sequence[bytes], outputs: str) -> None:
    with suppress(OSError):
        descriptor = os.pidfd_open(process)
        try:
            # Its id may belong to another process by now. The descriptor cannot change its
            # process, so what this look finds is what the signal reaches.
            if _is_leftover(process, marks, outputs):
                signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        finally:
            os.close(descriptor)

"""Processes of fork servers whose root can no longer end them, because it is dead.

Every process of a job dies with its driver or its server, whichever is killed first, by the
mechanisms that `fork_server` describes. If the root is killed, the driver ends the rest. If
both are killed at the same moment, no process is left that would kill the children of trials, and
the next command that opens the sweep does so. The processes have two traits that the kernel keeps:

- The environment with which a process was exec'ed contains the mark of its server, which begins
  with the driver's session. A forked process has the environment of its parent.
- Its standard output or standard error is open for writing on an attempt's output file. A process
  that was started with an empty environment usually still has this trait.

A process without both traits is not found.
"""

from __future__ import annotations

import errno
import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from .fork_server.pidfd import open_process, send_signal

MARK = "SWEEPWRIGHT_SERVER"
"""Environment variable that marks every process of a fork server."""
_PROCESSES = Path("/proc")
# Seconds after which unkillable processes are given up, and seconds between attempts to kill.
_KILL_SECONDS = 5.0
_PAUSE_SECONDS = 0.01


def leftovers(folder: Path, sessions: Sequence[str], *, end: bool) -> int:
    """Count the processes that sessions left running; if `end`, kill them."""
    marks = [f"\0{MARK}={session}.".encode() for session in sessions]
    return len(_search(marks, folder / "trials", end=end))


def kill_marked(mark: str) -> None:
    """Kill every process whose environment has a server's mark, until no such process is left."""
    _search([f"\0{MARK}={mark}\0".encode()], None, end=True)


def end_writers(folder: str) -> None:
    """Kill what is left of an attempt whose server died: the processes that write to its output.

    The server's mark finds the others.
    """
    _search([], Path(folder), end=True)


def _search(marks: Sequence[bytes], folder: Path | None, *, end: bool) -> set[int]:
    """Find processes with one of the marks, or with output below a folder; if `end`, kill them."""
    outputs = f"{folder.resolve()}{os.sep}" if folder else None
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


def _find(marks: Sequence[bytes], outputs: str | None) -> Iterator[int]:
    own = {os.getpid(), os.getppid()}
    for entry in _PROCESSES.glob("[0-9]*"):
        process = int(entry.name)
        if process not in own and _is_leftover(process, marks, outputs):
            yield process


def _is_leftover(process: int, marks: Sequence[bytes], outputs: str | None) -> bool:
    """Tell whether a process has one of the traits; False for processes of other users."""
    folder = f"{_PROCESSES}/{process}"
    with suppress(OSError):
        with open(f"{folder}/environ", "rb") as file:  # noqa: PTH123 - called for each process
            environment = b"\0" + file.read()
        if any(mark in environment for mark in marks):
            return not _is_zombie(folder)
        return outputs is not None and any(
            _writes_below(outputs, folder, descriptor) for descriptor in (1, 2)
        )
    return False


def _is_zombie(folder: str) -> bool:
    with open(f"{folder}/stat", "rb") as file:  # noqa: PTH123 - as above
        # The program's name, in parentheses, may contain any character, even `)`.
        return file.read().rpartition(b")")[2].split()[0] in (b"Z", b"X")


def _writes_below(outputs: str, folder: str, descriptor: int) -> bool:
    with suppress(FileNotFoundError):
        if os.readlink(f"{folder}/fd/{descriptor}").startswith(outputs):
            with open(f"{folder}/fdinfo/{descriptor}", "rb") as file:  # noqa: PTH123 - as above
                flags = next(line.split()[1] for line in file if line.startswith(b"flags:"))
            return int(flags, 8) & os.O_ACCMODE != os.O_RDONLY
    return False


def _kill(process: int, marks: Sequence[bytes], outputs: str | None) -> None:
    """Kill a process, unless its id belongs to another process by now."""
    with suppress(OSError), _opened(process) as descriptor:
        # A descriptor cannot change its process, so what this look finds is what the signal
        # reaches.
        if not _is_leftover(process, marks, outputs):
            return
        if descriptor is None:
            os.kill(process, signal.SIGKILL)
        else:
            send_signal(descriptor, signal.SIGKILL)


@contextmanager
def _opened(process: int) -> Iterator[int | None]:
    """Open a pidfd; yield None on Linux before 5.3, which has none."""
    try:
        descriptor = open_process(process)
    except OSError as error:
        if error.errno != errno.ENOSYS:
            raise
        yield None
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)

"""Explanation of a failed job by its exit code and output: failure class and one-line message."""

from __future__ import annotations

import os
import re
import signal
from functools import partial
from pathlib import Path
from typing import NamedTuple

from .fork_server.channel import Message


class Failure(NamedTuple):
    """Why a job failed: a class of `sweepwright.events.FailureKind`, and a one-line message."""

    kind: str
    message: str


CANCELLED = Failure("killed", "cancelled")

_COUNT = re.compile(r"^oom_kill (\d+)$", re.MULTILINE)
_ROOT = Path("/sys/fs/cgroup")
_MEMBERSHIP = Path("/proc/self/cgroup")
_MACHINE = Path("/proc/vmstat")
_TAIL = 1 << 14
_LONGEST = 500
_TRACEBACK = "Traceback (most recent call last):"
_EXCEPTION = re.compile(r"[A-Za-z_][\w.]*(: |$)")
_MEMORY_ERROR = re.compile(r"[\w.]*MemoryError\b")
_OUT_OF_MEMORY = "killed by the kernel: out of memory"


def timed_out(limit: float) -> Failure:
    """Describe a job that exceeded its time limit."""
    return Failure("timeout", f"ran over its limit of {limit:g} s")


def launch_failed(reason: object) -> Failure:
    """Describe a job that could not be started."""
    return Failure("launch", str(reason))


def lost_job(what: str) -> Failure:
    """Describe a job whose keeper died."""
    return Failure("lost", what)


def explain(first_failure: Message, *, named: bool, folder: Path, out_of_memory: bool) -> Failure:
    """Explain the failure of a job by the process that failed first.

    Parameters
    ----------
    first_failure : JSON
        Role, rank and exit code (negative for a signal) of the process that failed first, and
        the reason for the failure if the process itself reported it.
    named : bool
        Whether the message names the process, as it must if the job has several processes.
    folder : Path
        The attempt's folder, with the output of the processes.
    out_of_memory : bool
        Whether the kernel has killed any process for lack of memory since the job began.
    """
    if first_failure["role"] is None:
        reason = first_failure["reason"]
        return Failure(reason["kind"], reason["message"])
    failure = _explain(first_failure, folder, out_of_memory=out_of_memory)
    place = name_process(first_failure) if named else ""
    return Failure(failure.kind, f"{place}{failure.message}"[:_LONGEST])


def name_process(first_failure: Message) -> str:
    """Begin a message with the process that failed first."""
    return f"role `{first_failure['role']}` rank {first_failure['rank']}: "


def _explain(first_failure: Message, folder: Path, *, out_of_memory: bool) -> Failure:
    code, said = first_failure["code"], first_failure["reason"]
    if said:
        return Failure(said["kind"], said["message"])
    # SIGKILL may come from the kernel's OOM killer or from a user; the counter shows which.
    if code == -signal.SIGKILL and out_of_memory:
        return Failure("memory", _OUT_OF_MEMORY)
    if code < 0:
        return Failure("killed", f"killed by {_signal_name(-code)}")
    printed = _tail(folder / f"{first_failure['role']}-{first_failure['rank']}.stderr")
    return _from_traceback(printed) or _from_exit(code, printed)


def _from_traceback(printed: list[str]) -> Failure | None:
    """Derive a failure from the traceback at the end of the output; None without a traceback."""
    start = next((i for i, line in enumerate(reversed(printed)) if line == _TRACEBACK), None)
    if start is None:
        return None
    after = printed[len(printed) - start :]
    raised = next((line for line in after if _EXCEPTION.match(line)), None)
    if raised is None:
        return None
    kind = "memory" if _MEMORY_ERROR.match(raised) else "error"
    return Failure(kind, raised)


def _from_exit(code: int, printed: list[str]) -> Failure:
    last = next((line.strip() for line in reversed(printed) if line.strip()), "")
    return Failure("exit", f"exit code {code}: {last}" if last else f"exit code {code}")


def _tail(file: Path) -> list[str]:
    """Read the last lines of a file, which may be huge; return no lines if it is missing."""
    try:
        with file.open("rb") as stream:
            stream.seek(max(0, os.fstat(stream.fileno()).st_size - _TAIL))
            return stream.read(_TAIL).decode(errors="replace").splitlines()
    except OSError:
        return []


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def find_oom_counter(root: Path = _ROOT, membership: Path = _MEMBERSHIP) -> Path:
    """Find the file that counts the kernel's out-of-memory kills in this process's cgroup.

    Supports cgroups v1 and v2. Without cgroups, the file counts for the whole machine.
    """
    for line in _read(membership).splitlines():
        _, controllers, path = line.split(":", 2)
        folder = root / controllers / path.lstrip("/")
        for file in (folder / "memory.events", folder / "memory.oom_control"):
            if _COUNT.search(_read(file)):
                return file
    return _MACHINE


def count_oom_kills(counter: Path) -> int:
    """Read a counter of out-of-memory kills; 0 if it cannot be read."""
    found = _COUNT.search(_read(counter))
    return int(found[1]) if found else 0


def _read(file: Path) -> str:
    # The counter is read at the start of each job, and `read_text` makes ten system calls.
    try:
        opened = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        return b"".join(iter(partial(os.read, opened, _TAIL), b"")).decode(errors="replace")
    except OSError:
        return ""
    finally:
        os.close(opened)

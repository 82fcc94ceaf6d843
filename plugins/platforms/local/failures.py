"""Telling from what is left of a job why it failed: the class, and one line about it."""

import os
import re
import signal
from pathlib import Path

from sweepwright.events import Failure, FailureKind, Json

CANCELLED = Failure(FailureKind.KILLED, "cancelled")

_TAIL = 1 << 14
_LONGEST = 500
_TRACEBACK = "Traceback (most recent call last):"
_EXCEPTION = re.compile(r"[A-Za-z_][\w.]*(: |$)")
_MEMORY_ERROR = re.compile(r"[\w.]*MemoryError\b")
_OUT_OF_MEMORY = "killed by the kernel: out of memory"


def overran(limit: float) -> Failure:
    """Describe a job that ran over its time limit."""
    return Failure(FailureKind.TIMEOUT, f"ran over its limit of {limit:g} s")


def unstartable(reason: object) -> Failure:
    """Describe a job that could not be started."""
    return Failure(FailureKind.LAUNCH, str(reason))


def lost(what: str) -> Failure:
    """Describe a job whose keeper is gone."""
    return Failure(FailureKind.LOST, what)


def explain(culprit: Json, *, named: bool, folder: Path, out_of_memory: bool) -> Failure:
    """Explain a failed job by the process that failed first.

    Parameters
    ----------
    culprit : JSON
        Its role, rank, exit code (negative for a signal), and what it said itself, if anything.
    named : bool
        Whether the job has several processes, so that one must be named.
    folder : Path
        The attempt's folder, which holds what the process printed.
    out_of_memory : bool
        Whether the kernel has run out of memory since the job began.
    """
    if culprit.get("role") is None:
        return unstartable(culprit["said"]["message"])
    failure = _explain(culprit, folder, out_of_memory=out_of_memory)
    place = f"role `{culprit['role']}` rank {culprit['rank']}: " if named else ""
    return Failure(failure.kind, f"{place}{failure.message}"[:_LONGEST])


def _explain(culprit: Json, folder: Path, *, out_of_memory: bool) -> Failure:
    code, said = culprit["code"], culprit["said"]
    if said:
        return Failure(FailureKind(said["kind"]), said["message"])
    if code == -signal.SIGKILL and out_of_memory:
        return Failure(FailureKind.MEMORY, _OUT_OF_MEMORY)
    if code < 0:
        return Failure(FailureKind.KILLED, f"killed by {_signal_name(-code)}")
    printed = _tail(folder / f"{culprit['role']}-{culprit['rank']}.stderr")
    return _from_traceback(printed) or _from_exit(code, printed)


def _from_traceback(printed: list[str]) -> Failure | None:
    """Read the exception off a traceback that ends what was printed."""
    start = next((i for i, line in enumerate(reversed(printed)) if line == _TRACEBACK), None)
    if start is None:
        return None
    after = printed[len(printed) - start :]
    raised = next((line for line in after if _EXCEPTION.match(line)), None)
    if raised is None:
        return None
    kind = FailureKind.MEMORY if _MEMORY_ERROR.match(raised) else FailureKind.ERROR
    return Failure(kind, raised)


def _from_exit(code: int, printed: list[str]) -> Failure:
    last = next((line.strip() for line in reversed(printed) if line.strip()), "")
    return Failure(FailureKind.EXIT, f"exit code {code}: {last}" if last else f"exit code {code}")


def _tail(file: Path) -> list[str]:
    """Read the last lines of a file that may be huge, or missing."""
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

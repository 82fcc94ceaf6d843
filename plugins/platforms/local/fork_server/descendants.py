"""Ending processes and all that they started, and dying with one's parent."""

import ctypes
import os
import signal
import sys
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

LINUX = sys.platform == "linux"

_OOM_SCORE = Path("/proc/self/oom_score_adj")
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
# Looked up here, before any fork: a child of a threaded parent had better not load libraries.
_PRCTL = ctypes.CDLL(None).prctl if LINUX else None


def adopt_orphans() -> None:
    """Make orphaned descendants of this process its children."""
    if _PRCTL:
        _PRCTL(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent dies; end now if it already did."""
    if _PRCTL:
        _PRCTL(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


def raise_oom_score() -> None:
    """Have the kernel kill trials, which inherit this, rather than their driver."""
    with suppress(OSError):
        _OOM_SCORE.write_text("500")


def signal_group(leader: int, number: int) -> None:
    """Send a signal to the group that a child leads, or is about to lead."""
    for send in (os.killpg, os.kill):
        with suppress(ProcessLookupError, PermissionError):
            send(leader, number)
            return


def reap() -> list[tuple[int, int]]:
    """Bury the children that ended: each one's process id and exit code, negative if killed."""
    dead = []
    with suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            dead.append((found[0], os.waitstatus_to_exitcode(found[1])))
    return dead


def kill_descendants(spared: Collection[int] = ()) -> None:
    """Kill every descendant but some children, and return when all of them are gone.

    A descendant is a child, or an orphan about to be one, or below a child; so once no
    child is left there is none. A process of another user, such as ``sudo``, is let be.
    """
    left = set(spared)
    while LINUX and not _childless() and (victims := _children() - left):
        left |= {child for child in victims if not _kill(child)}
        for child in victims - left:
            os.waitpid(child, 0)


def _childless() -> bool:
    """Tell the usual case fast; true only if not even a dead child is left."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return True
    return False


def _children() -> set[int]:
    me = str(os.getpid())
    return {int(entry.name) for entry in Path("/proc").glob("[0-9]*") if _parent(entry) == me}


def _parent(process: Path) -> str:
    try:
        # What stands in parentheses is the program's name, which may hold anything.
        return (process / "stat").read_text(errors="replace").rpartition(")")[2].split()[1]
    except OSError:
        return ""


def _kill(child: int) -> bool:
    """Kill a child with its group; the group thins out what would have to be killed next."""
    try:
        group = os.getpgid(child)
        if group != os.getpgrp():
            os.killpg(group, signal.SIGKILL)
        os.kill(child, signal.SIGKILL)
    except PermissionError:
        return False
    return True

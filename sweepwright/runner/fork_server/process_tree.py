"""Functions on the process tree: reap and kill descendants, and die with the parent.

They use `prctl` of Linux: `PR_SET_CHILD_SUBREAPER` makes orphaned descendants children of this
process, and `PR_SET_PDEATHSIG` sends a signal when the parent dies.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # typeshed has no stubs of it
import ctypes
import os
import signal
import sys
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from .refusals import passes

LINUX = sys.platform == "linux"

# Time between two attempts to list processes, while the system lacks descriptors for it.
_PAUSE_SECONDS = 0.05
_OOM_SCORE = Path("/proc/self/oom_score_adj")
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
# Loaded here, before any fork: a forked child of a threaded parent must not load libraries,
# because the loader's lock may be held.
_PRCTL = ctypes.CDLL(None).prctl if LINUX else None


def become_subreaper() -> None:
    """Make orphaned descendants of this process its children."""
    if _PRCTL:
        _PRCTL(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent(parent: int) -> None:
    """Let the kernel kill this process when its parent dies; exit if the parent is dead."""
    if _PRCTL:
        _PRCTL(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # The parent may have died before the call above; then no signal will come.
    if os.getppid() != parent:
        os._exit(0)


def raise_oom_score() -> None:
    """Raise this process's out-of-memory score, so that trials are killed before the driver.

    Trials inherit the score. When memory runs out, the kernel kills the process with the highest
    score.
    """
    with suppress(OSError):
        _OOM_SCORE.write_text("500")


def signal_group(leader: int, number: int) -> None:
    """Send a signal to the process group that a child leads, or is about to lead."""
    # A child that was just forked may not have created its group; then signal the child alone.
    for send in (os.killpg, os.kill):
        with suppress(ProcessLookupError, PermissionError):
            send(leader, number)
            return


def reap() -> list[tuple[int, int]]:
    """Reap the ended children; return each pid and exit code, which is negative for a signal."""
    dead = []
    with suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            dead.append((found[0], _exit_code(found[1])))
    return dead


def _exit_code(status: int) -> int:
    """Return the exit code of a process, negative for a signal, from its wait status."""
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def has_descendants(spared: Collection[int] = ()) -> bool:
    """Tell whether this process has descendants other than the spared children."""
    if not LINUX or _childless():
        return False
    try:
        return not spared or not _children() <= set(spared)
    except OSError:
        return True


def kill_descendants(spared: Collection[int] = ()) -> None:
    """Kill every descendant except the spared children, and return once the others are gone.

    This process is a subreaper: a descendant becomes its child once the processes between them are
    dead. So if no child is left, no descendant is left. Processes of another user, such as
    ``sudo``, cannot be killed and are ignored.
    """
    left = set(spared)
    while LINUX and not _childless():
        try:
            victims = _children() - left
        except OSError as error:
            if not passes(error):
                return
            time.sleep(_PAUSE_SECONDS)
            continue
        if not victims:
            return
        left |= {child for child in victims if not _kill(child)}
        for child in victims - left:
            os.waitpid(child, 0)


def _childless() -> bool:
    """Tell whether this process has no child, not even a zombie; this check is cheap."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return True
    return False


def _children() -> set[int]:
    """List the children of this process; raise `OSError` if the system refuses to list them."""
    me = str(os.getpid())
    processes = [name for name in os.listdir("/proc") if name.isdecimal()]  # noqa: PTH208 - raises
    return {int(name) for name in processes if _parent(name) == me}


def _parent(process: str) -> str:
    try:
        # The program's name, in parentheses, may contain any character, even `)`.
        stat = Path("/proc", process, "stat").read_text(errors="replace")
        return stat.rpartition(")")[2].split()[1]
    except OSError as error:
        # A process that cannot be read now may be a child. One that has ended is none.
        if passes(error):
            raise
        return ""


def _kill(child: int) -> bool:
    """Kill a child and its process group, so that fewer orphans remain to be killed."""
    try:
        group = os.getpgid(child)
        if group != os.getpgrp():
            os.killpg(group, signal.SIGKILL)
        os.kill(child, signal.SIGKILL)
    except PermissionError:
        return False
    return True


class ChildExitNotifier:
    """A descriptor that becomes readable whenever a child ends (the self-pipe technique).

    A loop that waits until files are readable can thus also wait until a child ends.
    """

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)
        signal.signal(signal.SIGCHLD, _awake)
        signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        # Whoever started the sweep may have blocked the signal, which is inherited.
        self._mask = signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])

    def fileno(self) -> int:
        """Return the descriptor, by which selectors identify the notifier."""
        return self._reader

    def clear(self) -> None:
        """Discard the notifications so far. Call this before reaping, or a child may be missed."""
        os.read(self._reader, 4096)

    def close(self) -> None:
        """Stop notifying; a forked child must do this."""
        # The functions of `signal` look values up in enums, and so write to a hundred pages.
        _signal.set_wakeup_fd(-1)
        _signal.signal(_signal.SIGCHLD, _signal.SIG_DFL)
        _signal.pthread_sigmask(_signal.SIG_SETMASK, self._mask)
        os.close(self._reader)
        os.close(self._writer)


def _awake(_number: int, _frame: object) -> None:
    """Do nothing: without a handler, the signal would not reach the wake-up descriptor."""

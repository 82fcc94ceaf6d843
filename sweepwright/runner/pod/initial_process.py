"""The first process of a container, whose only work is that of an init.

The kernel gives process 1 the orphans of a container, which nobody else reaps, and lets it ignore
each signal for which it has no handler. So process 1 forks the agent, passes signals on to it,
and reaps; it ends when the agent does.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress

from ..fork_server.process_tree import become_subreaper, die_with_parent

PASSED_ON = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def run_below(main: Callable[[], int]) -> int:
    """Run a function in a child process; return its exit code, negative for a signal."""
    become_subreaper()
    # A signal that arrives between the fork and the handlers below must not be lost.
    signal.pthread_sigmask(signal.SIG_BLOCK, PASSED_ON)
    parent = os.getpid()
    child = os.fork()
    if not child:
        die_with_parent(parent)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, PASSED_ON)
        os._exit(main())
    for number in PASSED_ON:
        signal.signal(number, lambda received, _: _pass_on(child, received))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, PASSED_ON)
    return _reap_until(child)


def _pass_on(child: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(child, number)


def _reap_until(child: int) -> int:
    while True:
        ended, status = os.waitpid(-1, 0)
        if ended == child:
            return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)

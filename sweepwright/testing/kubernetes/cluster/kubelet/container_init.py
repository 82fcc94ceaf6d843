"""First process of a container: starts its command, and ends with it and all its descendants.

Run as ``python -I -S container_init.py <folder of sweepwright> <command…>``. A letter on standard
input asks for something: `T` sends the command SIGTERM, `K` kills everything. When the input ends,
the kubelet is gone, and everything is killed. The technique is a subreaper: a descendant that
leaves its session or its parent becomes a child of this process, so that none can escape.
"""

from __future__ import annotations

import os
import selectors
import signal
import sys
from contextlib import suppress

sys.path.insert(0, sys.argv[1])

from sweepwright.runner.fork_server.process_tree import (
    ChildExitNotifier,
    become_subreaper,
    kill_descendants,
    reap,
)

KILLED = 128 + signal.SIGKILL


def main(command: list[str]) -> int:
    """Run a command; return its exit code, as a container runtime reports it."""
    become_subreaper()
    child_exits = ChildExitNotifier()
    # A container's command starts in a process group of its own, and reads nothing.
    nothing = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)]
    child = os.posix_spawnp(
        command[0],
        command,
        os.environ,
        file_actions=nothing,
        setpgroup=0,
        setsigdef=[signal.SIGCHLD, signal.SIGINT, signal.SIGPIPE],
        setsigmask=[],
    )
    code = _wait(child, child_exits)
    kill_descendants()
    return code


def _wait(child: int, child_exits: ChildExitNotifier) -> int:
    """Wait until the command ends or is to be killed."""
    selector = selectors.DefaultSelector()
    selector.register(child_exits, selectors.EVENT_READ)
    selector.register(0, selectors.EVENT_READ)
    while True:
        for pid, code in reap():
            if pid == child:
                return code if code >= 0 else 128 - code
        for key, _ in selector.select():
            if key.fileobj is child_exits:
                child_exits.clear()
                continue
            asked = os.read(0, 1)
            if asked != b"T":
                return KILLED
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main(sys.argv[2:]))

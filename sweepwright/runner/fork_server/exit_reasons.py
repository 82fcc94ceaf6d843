"""Memory that a process of a job shares with its keeper, to tell the keeper why it fails.

The keeper gives each process a page of its own, and reads the page once the process is dead. A
page needs no descriptor in a forked process. So no program that a trial launches inherits it, a
trial that writes to every descriptor it finds damages nothing, and one that closes every
descriptor loses nothing.
"""

from __future__ import annotations

import json
import mmap
import os

from .channel import Message

_SIZE = 4096
# Escaped as JSON, a character takes at most 6 bytes, so a message of this length fits.
_LONGEST = 500
_KINDS = ("error", "memory", "launch")


class ExitReason:
    """The shared page: written by one process, and read by its keeper.

    Invariant: the page holds JSON, followed by zeros. A process that dies while it writes leaves
    JSON that is incomplete, which counts as no reason.
    """

    def __init__(self, descriptor: int = -1) -> None:
        """Map the memory of a descriptor, or new memory that only forked children share."""
        self._page = mmap.mmap(descriptor, _SIZE)
        self._writer = 0

    def claim(self) -> None:
        """Let this process write, and none that it forks."""
        # A child that the trial forks inherits this object, but the failure of such a child is
        # not a failure of the process itself.
        self._writer = os.getpid()

    def write(self, kind: str, message: str, errno: int | None = None) -> None:
        """Write the failure class and a one-line message; do nothing in a forked child.

        The class ``refused`` means that the machine and not the job is at fault, and comes with
        an errno (`refusals`).
        """
        if os.getpid() == self._writer:
            reason: Message = {"kind": kind, "message": message[:_LONGEST]}
            if errno is not None:
                reason["errno"] = errno
            data = json.dumps(reason, ensure_ascii=False).encode(errors="replace")
            self._page[: len(data) + 1] = data + b"\0"

    def take(self) -> Message | None:
        """Return the reason that a dead process gave, if any, and give the memory back."""
        data = self._page[:].partition(b"\0")[0]
        self._page.close()
        return _parsed(data) if data else None


def _parsed(data: bytes) -> Message | None:
    try:
        told = json.loads(data)
        reason = {"kind": told["kind"], "message": told["message"]}
        if reason["kind"] == "refused":
            reason["errno"] = told["errno"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    known = reason["kind"] in (*_KINDS, "refused") and isinstance(reason["message"], str)
    return reason if known and isinstance(reason.get("errno", 0), int) else None


def shared_memory() -> int:
    """Return a descriptor of new memory, for a process that is not forked from this one."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("exit-reason")
    else:
        from tempfile import TemporaryFile  # noqa: PLC0415 - only needed where memory has no file

        with TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    os.ftruncate(descriptor, _SIZE)
    return descriptor

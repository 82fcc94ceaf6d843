"""The reasons that processes give for their own failure, beyond their exit code.

All processes of a keeper share one pipe. A write of at most ``PIPE_BUF`` bytes (4096 on Linux)
is atomic, so that the lines of different processes do not mix.
"""

import json
import os
from contextlib import suppress

from .channel import Message

# Escaped as JSON a character takes at most 6 bytes (12 outside the Basic Multilingual Plane),
# so that a message of this length stays below PIPE_BUF.
_LONGEST = 500


class ExitReasonWriter:
    """The end of the pipe to which one process may write."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._owner = os.getpid()

    def write(self, kind: str, message: str) -> None:
        """Write the failure class and a one-line message; a forked child's call is ignored."""
        # A child that the trial forks inherits this object, but its failures are not the
        # process's own.
        if os.getpid() == self._owner:
            reason = {"pid": self._owner, "kind": kind, "message": message[:_LONGEST]}
            with suppress(OSError):
                os.write(self._descriptor, json.dumps(reason).encode() + b"\n")


class ExitReasonReader:
    """The keeper's end of the pipe."""

    def __init__(self) -> None:
        self._reader, self.writer = os.pipe()
        os.set_blocking(self._reader, False)
        self._reasons: dict[int, Message] = {}

    def take(self, process: int) -> Message | None:
        """Return and forget the reason that a process, now dead, had written."""
        with suppress(BlockingIOError):
            for line in os.read(self._reader, 1 << 16).splitlines():
                reason = json.loads(line)
                self._reasons[reason.pop("pid")] = reason
        return self._reasons.pop(process, None)

    def close(self) -> None:
        """Close the reading end, as a forked child must."""
        os.close(self._reader)

"""Pipe on which the processes of a job tell their keeper why they fail.

All processes of a keeper share this pipe. A write of at most ``PIPE_BUF`` bytes (4096 on Linux)
is atomic, so the lines of different processes do not mix.
"""

import json
import os
from contextlib import suppress

from .channel import Message

# Escaped as JSON a character takes at most 6 bytes (12 outside the Basic Multilingual Plane),
# so that a message of this length stays below PIPE_BUF.
_LONGEST = 500


class ExitReasonWriter:
    """The pipe's writing end, through which one process may give its reason."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._owner = os.getpid()

    def write(self, kind: str, message: str) -> None:
        """Write the failure class and a one-line message; do nothing in a forked child."""
        # A child that the trial forks inherits this object, but the failure of such a child is
        # not a failure of the process itself.
        if os.getpid() == self._owner:
            reason = {"pid": self._owner, "kind": kind, "message": message[:_LONGEST]}
            with suppress(OSError):
                os.write(self._descriptor, json.dumps(reason).encode() + b"\n")


class ExitReasonReader:
    """The pipe's reading end, which the keeper holds."""

    def __init__(self) -> None:
        self._reader, self.writer = os.pipe()
        os.set_blocking(self._reader, False)
        self._reasons: dict[int, Message] = {}

    def take(self, process: int) -> Message | None:
        """Remove and return the reason that a dead process gave; None if it gave no reason."""
        with suppress(BlockingIOError):
            for line in os.read(self._reader, 1 << 16).splitlines():
                reason = json.loads(line)
                self._reasons[reason.pop("pid")] = reason
        return self._reasons.pop(process, None)

    def close(self) -> None:
        """Close the reading end; a forked child must do this."""
        os.close(self._reader)

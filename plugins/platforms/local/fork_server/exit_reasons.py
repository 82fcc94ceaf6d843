"""What processes say of their own ends, for their keeper: more than exit codes can."""

import json
import os
from contextlib import suppress

from .channel import Message

# With every character escaped it still fits what a pipe takes in one piece.
_LONGEST = 500


class Word:
    """The end of the pipe that one process may speak into."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._owner = os.getpid()

    def say(self, kind: str, message: str) -> None:
        """Give the class of a failure and a line on it; a forked child's word is not heard."""
        if os.getpid() == self._owner:
            said = {"pid": self._owner, "kind": kind, "message": message[:_LONGEST]}
            with suppress(OSError):
                os.write(self._descriptor, json.dumps(said).encode() + b"\n")


class Words:
    """The keeper's end of that pipe, which all its processes share."""

    def __init__(self) -> None:
        self._reader, self.writer = os.pipe()
        os.set_blocking(self._reader, False)
        self._said: dict[int, Message] = {}

    def of(self, process: int) -> Message | None:
        """Take what a process, now dead, had said."""
        with suppress(BlockingIOError):
            for line in os.read(self._reader, 1 << 16).splitlines():
                said = json.loads(line)
                self._said[said.pop("pid")] = said
        return self._said.pop(process, None)

    def close(self) -> None:
        """Stop listening, as a forked child does."""
        os.close(self._reader)

"""Faults of connections, with messages that say what to do."""

import shlex
import time
from pathlib import Path
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal[
    "agent",
    "authentication",
    "closed",
    "configuration",
    "host_key_changed",
    "host_key_unknown",
    "key_file",
    "not_ssh",
    "password_unset",
    "protocol",
    "refused",
    "sessions",
    "timeout",
    "unreachable",
    "unresolved",
]

TRANSIENT: frozenset[Kind] = frozenset(
    {"closed", "refused", "sessions", "timeout", "unreachable", "unresolved"}
)
"""Kinds of faults that may end without anybody's intervention."""


class ConnectError(ConnectionError):
    """No connection to a machine is possible: one line says why, and `help` says what to do.

    Neither contains a secret, and the error has no cause: an exception of the SSH library could
    carry what was sent.
    """

    def __init__(self, kind: Kind, message: str, help_: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.help = help_

    @property
    def transient(self) -> bool:
        """Whether another try may succeed although nobody has changed anything."""
        return self.kind in TRANSIENT


class Deadline:
    """The moment by which a connection must be made."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left; never zero, which would mean `do not wait`."""
        return max(self._end - time.monotonic(), 0.01)

    @property
    def passed(self) -> bool:
        """Whether no time is left."""
        return time.monotonic() >= self._end


def shell_path(path: str) -> str:
    """Quote a path for a shell, which still expands a leading ``~/``."""
    return f"~/{shlex.quote(path[2:])}" if path.startswith("~/") else shlex.quote(path)


def expand(path: str) -> Path:
    """Return the path of a file of this machine, with a leading ``~`` expanded."""
    return Path(path).expanduser()

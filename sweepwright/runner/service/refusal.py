"""Refusals of requests by the far end of a connection, each with one line and a kind."""

from __future__ import annotations

import errno
import os

_KINDS = {
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EACCES: "denied",
    errno.EPERM: "denied",
    errno.EROFS: "denied",
    errno.ENOENT: "missing",
    errno.ENOTDIR: "missing",
}


class RefusalError(Exception):
    """A request that is refused; the connection goes on.

    Kinds: ``full`` and ``denied`` (the disk is full, or access is denied), ``missing`` (there is
    no such file, code or sweep), ``unsafe`` (an archive or a path would leave its folder),
    ``damaged`` (what arrived is not what was announced), ``shared`` (another machine uses the same
    folder), ``runner`` (the daemon cannot be started or does not answer), ``request`` (the request
    is invalid), ``system`` (any other error of the system).
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def refusal_of(error: OSError) -> RefusalError:
    """Describe an error of the system in one line."""
    reason = error.strerror or str(error)
    place = f"`{os.fsdecode(error.filename)}`: " if error.filename else ""
    return RefusalError(_KINDS.get(error.errno or 0, "system"), f"{place}{reason}")

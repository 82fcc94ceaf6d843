"""Refusals of the machine: which errors they are, what a job waits for, and which of them pass.

An error that a job meets while it starts or ends is the machine's, with the few exceptions of
`describe_failure`. The driver and the server share this module, and its table is the only place
that decides whether waiting helps.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Mapping
from typing import NamedTuple

from .channel import Message

_DESCRIPTORS = "free file descriptors"
_FILE_SERVER = "the file server of {folder}"

_PASSING: Mapping[int, str] = {
    # Somebody may delete files.
    errno.ENOSPC: "space on the disk of {folder}",
    errno.EDQUOT: "space in the disk quota of {folder}",
    # Other processes, or other jobs of this sweep, may end.
    errno.EMFILE: _DESCRIPTORS,
    errno.ENFILE: _DESCRIPTORS,
    errno.ETOOMANYREFS: _DESCRIPTORS,
    errno.EAGAIN: "a free process",
    errno.ENOMEM: "free memory",
    errno.ENOBUFS: "free memory for sockets",
    errno.EADDRINUSE: "a free port",
    errno.EADDRNOTAVAIL: "a free port",
    # Another process uses the file at the moment, for example to install a new version.
    errno.EBUSY: "a file that is in use",
    errno.ETXTBSY: "a file that is in use",
    # A network file system that is mounted with a time limit may answer again.
    errno.ETIMEDOUT: _FILE_SERVER,
    errno.EHOSTDOWN: _FILE_SERVER,
    errno.EHOSTUNREACH: _FILE_SERVER,
    errno.ENETDOWN: _FILE_SERVER,
    errno.ENETUNREACH: _FILE_SERVER,
}
"""Mapping from each error that may pass by itself to the resource that is lacking.

Every other error is final, because only a person can repair its cause: a read-only file system
(EROFS), a broken disk (EIO), a folder that has vanished (ENOENT, ENOTDIR, ESTALE) or is forbidden
(EACCES, EPERM). An unknown error is final too: a session that ends loses nothing, and one that
waits for what never comes hangs."""

_HINTS: Mapping[int, str] = {
    errno.EMFILE: "; raise `ulimit -n` or lower `concurrency`",
    errno.EAGAIN: "; raise `ulimit -u` or lower `concurrency`",
}
OWN_AT_START = frozenset({errno.E2BIG})
"""Errors at the start of a job that are its own: it passes too long an argument to a program."""


class Refusal(NamedTuple):
    """A refusal in the words of a user."""

    wants: str
    """The resource that is lacking; empty if waiting cannot help."""
    reason: str


def passes(error: OSError) -> bool:
    """Tell whether waiting may help."""
    return error.errno in _PASSING


def describe_failure(
    error: Exception, own: Collection[int] = OWN_AT_START, kind: str = "launch"
) -> Message:
    """Describe why a job cannot start or end, as a refusal or as a fault of the job itself.

    What is the same for all jobs of a sweep, such as a missing script, is a refusal. A job is at
    fault if the error is in `own`, or if its variables hold what no process can receive; then it
    fails with the class `kind`.
    """
    if isinstance(error, LookupError):
        return refused(str(error))
    if not isinstance(error, OSError):
        return {"kind": kind, "message": str(error)}
    if error.errno in own:
        return {"kind": kind, "message": _describe(error)}
    return refused(_describe(error), error.errno or 0)


def refused(message: str, number: int = 0) -> Message:
    """Describe a refusal by its message and its errno, which is 0 if it comes from no error."""
    return {"kind": "refused", "message": message, "errno": number}


def _describe(error: OSError) -> str:
    reason = error.strerror or str(error)
    if not error.filename:
        return reason
    name = os.fsdecode(error.filename)
    return f"there is no `{name}`" if error.errno == errno.ENOENT else f"`{name}`: {reason}"


def may_pass(refusal: Message) -> bool:
    """Tell whether waiting may help against a described failure."""
    return refusal.get("errno") in _PASSING


def read_refusal(message: Message, folder: os.PathLike[str]) -> Refusal:
    """Put a refusal into the words of a user; `folder` is the folder of the sweep."""
    number = message["errno"]
    if number not in _PASSING:
        return Refusal("", message["message"])
    # All jobs that wait for one resource give the same reason, which therefore names no file.
    reason = f"{os.strerror(number)}{_HINTS.get(number, '')}"
    return Refusal(_PASSING[number].format(folder=folder), reason)

"""Descriptors of processes (pidfd of Linux), which Python supports since 3.9."""

from __future__ import annotations

import ctypes
import errno
import os
import signal

# The numbers of these system calls are the same on all architectures but Alpha.
_SEND_SIGNAL = 424
_OPEN = 434


def open_process(process: int) -> int:
    """Open a process; raises `OSError`, with ``ENOSYS`` if the system has no such descriptors."""
    if hasattr(os, "pidfd_open"):
        return os.pidfd_open(process)  # novermin
    return _call(_OPEN, process, 0)


def send_signal(descriptor: int, number: int) -> None:
    """Send a signal to an open process, which no other process with its id can get instead."""
    if hasattr(signal, "pidfd_send_signal"):
        signal.pidfd_send_signal(descriptor, number)  # novermin
    else:
        _call(_SEND_SIGNAL, descriptor, number, None, 0)


def _call(number: int, *arguments: int | None) -> int:
    if not (system_call := getattr(ctypes.CDLL(None, use_errno=True), "syscall", None)):
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    result: int = system_call(number, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result

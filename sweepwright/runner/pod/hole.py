"""Holes in files: space on the disk is freed, while the length and all offsets stay as they are.

So a file can be freed at its beginning while it is read and written at its end.
Linux has the system call ``fallocate`` for this, for which Python has no function.
"""

from __future__ import annotations

import ctypes

_KEEP_SIZE = 1
_PUNCH_HOLE = 2
_C = ctypes.CDLL(None, use_errno=True)
_FALLOCATE = getattr(_C, "fallocate64", None) or getattr(_C, "fallocate", None)


def punch_hole(file: int, start: int, end: int) -> bool:
    """Free a part of an open file; return False if the system or the disk cannot."""
    if _FALLOCATE is None:
        return False
    offset, length = ctypes.c_int64(start), ctypes.c_int64(end - start)
    return bool(_FALLOCATE(file, _PUNCH_HOLE | _KEEP_SIZE, offset, length) == 0)

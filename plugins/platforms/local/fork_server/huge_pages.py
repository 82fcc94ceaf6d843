"""Gathering a process's memory into huge pages, so that a fork of it copies next to nothing.

A fork copies an entry for each page that the parent ever wrote to, and the child's end throws
them away again: with a large library imported that is tens of thousands of entries of 4 KiB
pages, and takes longer than many a trial. Of 2 MiB pages there are but a few dozen.
"""

import ctypes
import re
from collections.abc import Iterator
from pathlib import Path

from .descendants import LINUX

_MADV_HUGEPAGE = 14
_MADV_COLLAPSE = 25  # Linux 6.1; older kernels refuse it, and then gather pages in their own time
_HUGE = 1 << 21
_ANONYMOUS = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw-p \S+ 00:00 0\s+(\[heap\])?$")


def gather_memory() -> None:
    """Collapse what this process allocated into huge pages, where the system can.

    Advice that the system does not take changes nothing, so nobody need hear of it.
    """
    if not LINUX:
        return
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = [ctypes.c_size_t, ctypes.c_size_t, ctypes.c_int]
    for start, length in list(_regions(Path("/proc/self/maps").read_text(encoding="utf-8"))):
        advise(start, length, _MADV_HUGEPAGE)
        advise(start, length, _MADV_COLLAPSE)


def _regions(maps: str) -> Iterator[tuple[int, int]]:
    """Find the heap and other memory without a file: starts and lengths in whole huge pages."""
    for line in maps.splitlines():
        if found := _ANONYMOUS.match(line):
            start = -(-int(found[1], 16) // _HUGE) * _HUGE
            length = int(found[2], 16) // _HUGE * _HUGE - start
            if length > 0:
                yield start, length

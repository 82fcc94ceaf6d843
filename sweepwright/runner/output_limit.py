"""The limit on the output of trials: of a file that grows too long, only head and tail are kept.

The technique is copy-truncate, as in logrotate: the processes keep their descriptors. Because the
files are opened with ``O_APPEND``, the next line lands at the new end of the file.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable
from contextlib import suppress

from .active_job import ActiveJob

CHECK_SECONDS = 2.0
"""Time between two checks of the output of running jobs."""
_LONGEST_TAIL = 16 << 20
_CHUNK = 1 << 20
# A process that writes as fast as its output is copied would otherwise be followed for ever.
_MOST_CHUNKS = 64


class OutputLimit:
    """Shortens each file with output of a job that is longer than `limit` bytes, if not None."""

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._longest = 0 if limit is None else limit + len(_note(0, limit))
        self._next_check = 0.0
        self._dropped: dict[str, int] = {}
        """Number of bytes that were dropped of each shortened file of the active jobs."""

    def check(self, jobs: Iterable[ActiveJob]) -> None:
        """Shorten the output of running jobs, at most once in `CHECK_SECONDS`."""
        now = time.monotonic()
        if now >= self._next_check:
            self._next_check = now + CHECK_SECONDS
            for job in jobs:
                self._shorten(job)

    def on_end(self, job: ActiveJob) -> None:
        """Shorten the output of a job that has ended."""
        self._shorten(job)
        for path in job.outputs:
            self._dropped.pop(path, None)

    def _shorten(self, job: ActiveJob) -> None:
        if self._limit is None or not job.launched:
            return
        for path in job.outputs:
            # An error of the disk, or a missing file, harms no job: the next check tries again.
            with suppress(OSError):
                if os.stat(path).st_size > self._longest:  # noqa: PTH116 - fast
                    before = self._dropped.get(path, 0)
                    self._dropped[path] = shorten(path, self._limit, before)


def shorten(path: str, limit: int, dropped: int) -> int:
    """Shorten a file to about half of its limit; return the number of bytes dropped in all.

    Keeps the first quarter of the limit, and as much of the end, but at most 16 MiB. `dropped` is
    the number of bytes that were dropped between them before.
    """
    file = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode):
            return dropped
        head = limit // 4
        tail = found.st_size - min(head, _LONGEST_TAIL)
        dropped += tail - head - (len(_note(dropped, limit)) if dropped else 0)
        note = _note(dropped, limit)
        os.pwrite(file, note, head)
        os.ftruncate(file, _move_to_front(file, tail, head + len(note)))
    finally:
        os.close(file)
    return dropped


def moved(limit: int, before: int, after: int) -> int:
    """Return by how many bytes `shorten` has moved the end of a file to the front.

    `before` and `after` are the numbers that `shorten` was given and has returned.
    """
    old_note = len(_note(before, limit)) if before else 0
    return after - before + old_note - len(_note(after, limit))


def _move_to_front(file: int, source: int, target: int) -> int:
    """Copy everything from `source` on to the lower offset `target`; return where it ends."""
    for _ in range(_MOST_CHUNKS):
        if not (data := os.pread(file, _CHUNK, source)):
            break
        target += os.pwrite(file, data, target)
        source += len(data)
    return target


def _note(dropped: int, limit: int) -> bytes:
    reason = f"because this file was longer than platform.max_output_mib={limit / (1 << 20):g}"
    return f"\n[sweepwright dropped {dropped:,} bytes here, {reason}]\n".encode()

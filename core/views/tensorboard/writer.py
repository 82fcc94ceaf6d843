"""Write a sweep down for TensorBoard beside its journal, and go on as the journal grows."""

import os
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from itertools import islice
from pathlib import Path

from ...store.journal import JournalReader
from .records import Record, Records, run_name

FOLDER = "tensorboard"
"""In a sweep's folder, what TensorBoard is to show; in an attempt's, what that one logged."""
FILE = "events.out.tfevents.0.sweepwright"
"""A run's file; TensorBoard reads those whose names have ``tfevents`` in them."""
_AT_ONCE = 10_000
"""Rows that are written together."""


class Writing:
    """Writes all that a journal holds, then what is new in it."""

    def __init__(self, sweep: Path) -> None:
        """Open the journal of a sweep.

        Raises
        ------
        StoreError
            When it cannot be read.
        """
        self.folder = sweep / FOLDER
        self._attempts = sweep / "trials"
        self._reader = JournalReader(sweep)
        self._records = Records(self._reader.plan, self._reader.created)
        self._sequence = 0
        self._lengths: dict[str, int] = defaultdict(int)

    def update(self) -> None:
        """Write what was not yet written, and link the logs of attempts beside it."""
        if not self._lengths:
            self._write(self._records.begin())
        rows = self._reader.rows(self._sequence)
        while batch := list(islice(rows, _AT_ONCE)):
            self._write(record for row in batch for record in self._records.take(row))
            self._sequence = batch[-1].sequence
        self._link()

    def close(self) -> None:
        """Let go of the journal."""
        self._reader.close()

    def _write(self, records: Iterable[Record]) -> None:
        added: dict[str, list[bytes]] = defaultdict(list)
        for run, data in records:
            added[run].append(data)
        for run, parts in added.items():
            data = b"".join(parts)
            _put(self.folder / run / FILE, self._lengths[run], data)
            self._lengths[run] += len(data)

    def _link(self) -> None:
        for logs in self._attempts.glob(f"*/*/{FOLDER}"):
            trial, attempt = logs.parts[-3:-1]
            link = self.folder / run_name(int(trial)) / f"attempt-{attempt}"
            with suppress(FileExistsError):
                link.symlink_to(os.path.relpath(logs, link.parent), target_is_directory=True)


def _put(path: Path, place: int, data: bytes) -> None:
    """See that a file holds data at a place, where it may have been put before.

    Nothing is written twice, and whoever reads a file goes on reading it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        held = os.pread(descriptor, len(data), place)
        if not data.startswith(held):  # another version wrote it
            os.ftruncate(descriptor, place)
            held = b""
        if held != data:
            os.pwrite(descriptor, data[len(held) :], place + len(held))
    finally:
        os.close(descriptor)

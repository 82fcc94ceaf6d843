"""Writes TensorBoard files next to a sweep's journal, and extends them as the journal grows."""

import os
import re
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from itertools import islice
from pathlib import Path

from ...store.journal_reader import JournalReader
from ...store.trust import folder_inside, open_file_inside
from .records import RUN_PREFIX, Record, RecordBuilder

FOLDER = "tensorboard"
"""Folder in a sweep's folder for all runs; in an attempt's, for what that attempt logged."""
FILE = "events.out.tfevents.0.sweepwright"
"""The file of a run; TensorBoard reads files whose names contain ``tfevents``."""
_NUMBER = re.compile("[0-9]+")
_BATCH = 10_000
"""Entries whose records are written together, so that each file is opened once for them."""


class TensorBoardWriter:
    """Writes the records of a journal. Each later call writes the records of new entries."""

    def __init__(self, sweep: Path) -> None:
        """Open the journal of a sweep.

        Raises
        ------
        StoreError
            When the journal cannot be read.
        """
        self._sweep = sweep
        self.folder = sweep / FOLDER
        self._attempts = sweep / "trials"
        self._reader = JournalReader(sweep)
        self._builder = RecordBuilder(self._reader.plan, self._reader.created)
        self._lengths: dict[str, int] = defaultdict(int)

    def update(self) -> None:
        """Write the records of new entries, and add links to the logs of new attempts."""
        if not self._lengths:
            self._write(self._builder.header())
        entries = self._reader.entries()
        while batch := list(islice(entries, _BATCH)):
            self._write(record for entry in batch for record in self._builder.add(entry))
        self._link_attempts()

    def close(self) -> None:
        """Close the journal."""
        self._reader.close()

    def _write(self, records: Iterable[Record]) -> None:
        added: dict[str, list[bytes]] = defaultdict(list)
        for run, data in records:
            added[run].append(data)
        for run, parts in added.items():
            data = b"".join(parts)
            file = open_file_inside(self._sweep, *_folders(run), FILE)
            _write_at(file, self._lengths[run], data)
            self._lengths[run] += len(data)

    def _link_attempts(self) -> None:
        for logs in self._attempts.glob(f"*/*/{FOLDER}"):
            trial, attempt = logs.parts[-3:-1]
            run = f"{RUN_PREFIX}{trial}"
            # Somebody may have put other folders beside those of trials.
            if run not in self._lengths or not _NUMBER.fullmatch(attempt):
                continue
            # The target is relative, so that the sweep's folder can be moved.
            target = os.path.relpath(logs, self.folder / run)
            with (
                folder_inside(self._sweep, *_folders(run)) as folder,
                suppress(FileExistsError),
            ):
                os.symlink(target, f"attempt-{attempt}", dir_fd=folder)


def _folders(run: str) -> list[str]:
    """Return the path of a run's folder in the folder of a sweep."""
    return [FOLDER, run] if run else [FOLDER]


def _write_at(descriptor: int, offset: int, data: bytes) -> None:
    """Write data at an offset of a file, unless it is there already, and close the file.

    Bytes that the file already contains are not written again. The file is never replaced, so a
    running TensorBoard can continue to read it.
    """
    try:
        present = os.pread(descriptor, len(data), offset)
        if not data.startswith(present):  # another version of sweepwright wrote the file
            os.ftruncate(descriptor, offset)
            present = b""
        if present != data:
            os.pwrite(descriptor, data[len(present) :], offset + len(present))
    finally:
        os.close(descriptor)

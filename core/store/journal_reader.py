"""Reads the journal of a sweep, while a driver writes it or afterwards."""

import json
import sqlite3
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..plan.plan import Plan
from ..plan.plan_json import read_plan
from .entries import SESSION_STARTED, Entry, SessionStarted
from .entry_decoder import EntryDecoder, read_session
from .store_errors import DamagedJournalError, converting_errors
from .sweep_files import JOURNAL, connect
from .tables import (
    Row,
    row_checksum,
    select_statement,
    select_sweep_statement,
    sweep_checksum,
)

_BATCH = 1000
"""Number of entries that are read at once. They take about a MB of memory."""


class JournalReader:
    """Reads a journal from its beginning."""

    def __init__(self, folder: Path) -> None:
        """Open a journal for reading only.

        Raises
        ------
        StoreError
            When the file is not a journal, is damaged, or was written by a newer version.
        """
        self.folder = folder
        self._connection, version = connect(folder, mode="ro")
        self._next_rows = select_statement(version, "sequence > ?") + f" LIMIT {_BATCH}"
        self._rows_of_sweep = select_statement(version, "trial IS NULL AND kind = ?")
        try:
            with converting_errors(self.path):
                self.plan, self.created, intact = read_sweep(self._connection, version)
        except BaseException:
            self.close()
            raise
        if not intact:
            self.close()
            raise DamagedJournalError(self.path, "the plan is not as it was written")
        self._decoder = EntryDecoder(keep_openings=self.plan.budget is not None)
        self._sequence = 0
        # A caller may stop in the middle of a batch, and go on with another iterator.
        self._batch: deque[Entry] = deque()

    @property
    def path(self) -> Path:
        """Path of the journal's file."""
        return self.folder / JOURNAL

    def entries(self) -> Iterator[Entry]:
        """Yield the entries that this reader has not yielded before, in order.

        Raises
        ------
        StoreError
            When the journal is damaged.
        """
        # Fetch and decode each batch completely before its entries are processed. An open cursor
        # would hold a read transaction, which prevents SQLite from reusing the write-ahead log.
        while self._batch or self._read_batch():
            yield self._batch.popleft()

    def _read_batch(self) -> bool:
        """Read the next entries; return whether there are any."""
        with converting_errors(self.path):
            while not self._batch and (rows := self._select(self._next_rows, self._sequence)):
                for values in rows:
                    row = self._read_row(values)
                    # Rows are never deleted, so a gap is a loss.
                    if values[0] != self._sequence + 1:
                        raise DamagedJournalError(
                            self.path, f"entry {self._sequence + 1} is missing"
                        )
                    self._sequence = values[0]
                    # A kind of entry that a later version added is skipped.
                    if entry := self._decoder.decode(row):
                        self._batch.append(entry)
        return bool(self._batch)

    def sessions(self) -> Iterator[SessionStarted]:
        """Yield the first entry of each session. An index makes a full scan unnecessary."""
        with converting_errors(self.path):
            rows = self._select(self._rows_of_sweep, SESSION_STARTED)
            sessions = [read_session(self._read_row(values)) for values in rows]
        yield from sessions

    def _read_row(self, values: Sequence[Any]) -> Row:
        row, checksum = Row._make(values[1:-1]), values[-1]
        # A row of version 1 has no checksum.
        if checksum is not None and checksum != row_checksum(values[0], row):
            raise DamagedJournalError(self.path, f"entry {values[0]} is not as it was written")
        return row

    def _select(self, statement: str, *parameters: Any) -> list[Any]:
        return self._connection.execute(statement, parameters).fetchall()

    def close(self) -> None:
        """Close the journal."""
        self._connection.close()


def read_sweep(connection: sqlite3.Connection, version: int) -> tuple[Plan, float, bool]:
    """Return the plan of a sweep, the time of its creation, and whether both are as written."""
    ((plan, created, checksum),) = connection.execute(select_sweep_statement(version)).fetchall()
    intact = checksum in (None, sweep_checksum(plan, created))
    datetime.fromtimestamp(created, UTC)  # raises if the time is none
    return read_plan(json.loads(plan)), created, intact

"""Reads what is whole of a damaged journal, and says what is damaged.

SQLite reads a page at a time, and a page that it cannot read hides the rows in it. The reader
therefore skips forward until SQLite can read again. Each row that comes back is checked by its own
checksum, so the rows between two damaged places are as good as those of a whole journal.

An entry may need an earlier one that is lost. If a trial's opening is lost, its results are not:
the reader yields an opening without an assignment in its place. Other entries that cannot follow
on what is left are passed over.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from .entries import Entry
from .entry_decoder import EntryDecoder
from .history import History, HistoryFold, read_history
from .journal_reader import read_sweep
from .lock import is_driven
from .store_errors import (
    IMPOSSIBLE,
    UNREADABLE,
    DamagedJournalError,
    converting_errors,
    describe_impossible,
)
from .sweep_files import JOURNAL, connect
from .tables import Row, row_checksum, select_statement

_LAST_SEQUENCE = 2**40
"""No journal has so many entries; where SQLite can read nothing up to here, the rest is lost."""
_NO_ASSIGNMENT = '{"assignment":{}}'
_ENDS = ("measured", "stopped", "failed", "lost")


def recover_history(folder: Path) -> tuple[History, list[str]]:
    """Read a sweep's history, as far as its journal is whole; say what is damaged.

    Raises
    ------
    StoreError
        When the journal cannot be read at all.
    """
    try:
        return read_history(folder), []
    except DamagedJournalError:
        with closing(SalvageReader(folder)) as reader:
            return reader.history(), reader.faults


class SalvageReader:
    """Reads the entries of a journal that can be read, in order, and collects what is damaged."""

    def __init__(self, folder: Path) -> None:
        """Open a journal for reading only.

        Raises
        ------
        StoreError
            When not even the plan can be read.
        """
        self.folder = folder
        self.whole = 0
        """Number of entries that are whole."""
        self.faults: list[str] = []
        """What is damaged, in order; each fault is a short text."""
        self._connection, version = connect(folder, mode="ro")
        # Bytes that are no text are kept, and have another checksum.
        self._connection.text_factory = lambda text: text.decode(errors="surrogateescape")
        self._statement = select_statement(version, "sequence >= ?")
        try:
            with converting_errors(folder / JOURNAL):
                self.plan, self.created, intact = read_sweep(self._connection, version)
        except BaseException:
            self.close()
            raise
        if not intact:
            self.faults.append("the plan is not as it was written")
        self._decoder = EntryDecoder()
        self._start: int | None = 1
        """Sequence number from which rows are still to be read; None after the last row."""
        self._opened = 0
        self._running: set[int] = set()

    def history(self) -> History:
        """Return the history of all entries that can be read."""
        fold = HistoryFold(self)
        for entry in self.entries():
            # Entries of version 1 have no checksum, and may hold what cannot be.
            try:
                fold.add(entry)
            except IMPOSSIBLE as error:
                self.faults.append(f"an entry is {describe_impossible(error)}")
        return fold.history(driven=is_driven(self.folder))

    def entries(self) -> Iterator[Entry]:
        """Yield the entries that can be read, in order."""
        expected = 1
        for sequence, row in self._whole_rows():
            if sequence > expected:
                self.faults.append(f"{_span(expected, sequence - 1)} cannot be read")
            expected = sequence + 1
            lost = sequence - 1 - self.whole
            try:
                entries = [self._decoder.decode(each) for each in self._completed(row, lost)]
            except IMPOSSIBLE as error:
                self.faults.append(f"entry {sequence} is {describe_impossible(error)}")
                continue
            self.whole += 1
            yield from filter(None, entries)

    def _whole_rows(self) -> Iterator[tuple[int, Row]]:
        """Yield each row that SQLite can read and that is as it was written."""
        last = spoiled = 0
        while self._start is not None:
            try:
                for values in self._connection.execute(self._statement, (self._start,)):
                    if values[0] > last and (row := _checked(values)):
                        last, spoiled = values[0], 0
                        yield last, row
                    else:
                        spoiled += 1
            except UNREADABLE:
                # The start moves at least by one, so this ends.
                self._start = self._next_readable(max(last, self._start))
                if self._start is None:
                    self.faults.append(f"what follows entry {last} cannot be read")
            else:
                self._start = None
        # Rows before the last whole one show as gaps in the sequence numbers.
        if spoiled:
            self.faults.append(f"{_span(last + 1, last + spoiled)} cannot be read")

    def _next_readable(self, unreadable: int) -> int | None:
        """Return the next sequence number from which SQLite can read; None if there is none."""
        low, step = unreadable, 1
        while not self._readable(high := low + step):
            low, step = high, 2 * step
            if low > _LAST_SEQUENCE:
                return None
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._readable(middle) else (middle, high)
        return high

    def _readable(self, sequence: int) -> bool:
        try:
            self._connection.execute(f"{self._statement} LIMIT 1", (sequence,)).fetchone()
        except UNREADABLE:
            return False
        return True

    def _completed(self, row: Row, lost: int) -> Iterator[Row]:
        """Yield a row after the openings that it needs and that are among the `lost` entries."""
        if row.trial is None:
            yield row
            return
        starts = row.kind == "opened" and "promote" not in _assigning(row.body)
        missing = row.trial - self._opened + (not starts)
        if missing > lost or (starts and missing < 0):
            raise LookupError(f"of trial {row.trial}, which cannot be opened here")
        for number in range(self._opened, self._opened + missing):
            yield row._replace(
                kind="opened", trial=number, role=None, line=None, body=_NO_ASSIGNMENT
            )
            self._running.add(number)
        self._opened += max(missing, 0)
        if starts:
            self._opened += 1
        elif row.kind != "opened" and row.trial not in self._running:
            raise LookupError(f"of trial {row.trial}, which is not open")
        self._running.add(row.trial)
        if row.kind in _ENDS:
            self._running.discard(row.trial)
        yield row

    def close(self) -> None:
        """Close the journal."""
        self._connection.close()


def _checked(values: Sequence[Any]) -> Row | None:
    """Return a row if it is as it was written; a row of version 1 has no checksum."""
    row, checksum = Row._make(values[1:-1]), values[-1]
    try:
        whole = checksum is None or checksum == row_checksum(values[0], row)
    except IMPOSSIBLE:
        return None
    return row if whole else None


def _assigning(body: str) -> Any:
    """Return the JSON of an opening, which has an assignment or is a promotion."""
    parsed = json.loads(body)
    if "promote" not in parsed and not isinstance(parsed["assignment"], dict):
        raise TypeError("an opening has no assignment")
    return parsed


def _span(first: int, last: int) -> str:
    return f"entry {first}" if first == last else f"entries {first} to {last}"
